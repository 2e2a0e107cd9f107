/** Runs a program of test/programs in a process of its own: a crash there is a failed test that names its signal. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';

export interface ProgramOptions {
  readonly nodeOptions?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What the program is told on its command line. */
  readonly words?: readonly string[];
}

/** The JSON that the program printed, after it ended well. */
export async function runProgram<T>(name: string, options: ProgramOptions = {}): Promise<T> {
  const { nodeOptions = [], env = {}, words = [] } = options;
  const path = join(__dirname, '..', 'programs', name);
  const child = spawn(process.execPath, [...nodeOptions, path, ...words], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (...ending) => resolve(ending));
  });
  expect({ code, signal, err }, `${name} printed ${out}`).toMatchObject({ code: 0, signal: null });
  expect(err, 'what a software device found wrong').not.toContain('software device: ');
  return JSON.parse(out) as T;
}
