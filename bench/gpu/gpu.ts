/** The GPU that is measured, as its driver names it. */

import { execFileSync } from 'node:child_process';

export interface Gpu {
  readonly name: string;
  readonly driver: string;
  readonly clock: string;
  readonly memory: string;
  readonly power: string;
}

/** The first of this machine; undefined where there is no driver. */
export function gpuOfThisMachine(): Gpu | undefined {
  const query = '--query-gpu=name,driver_version,clocks.max.sm,memory.total,power.limit';
  try {
    const answer = execFileSync('nvidia-smi', [query, '--format=csv,noheader'], {
      timeout: 20_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const words = answer.toString().split('\n')[0]!.split(', ');
    const [name = 'GPU', driver = '', clock = '', memory = '', power = ''] = words;
    return { name, driver, clock, memory, power };
  } catch {
    return undefined;
  }
}

/** For names of files. */
export const nameInFiles = (gpu: Gpu | undefined): string =>
  gpu?.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-') ?? 'no-gpu';
