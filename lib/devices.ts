/** Where searches can run. */

import { totalmem } from 'node:os';

import { binding } from './binary.js';
import { codedError, shown } from './errors.js';

/** Name of a device: `cpu`, and `cuda:0` and so on where a CUDA build finds one. */
export type Device = 'cpu';

export interface DeviceInfo {
  readonly name: Device;
  /** Instruction set of the kernels in use: `scalar`, `avx2` or `avx512`. */
  readonly isa: string;
  /** Threads that may work on one search. */
  readonly threads: number;
  /** Memory of the machine in bytes. */
  readonly memory: number;
}

/**
 * The devices of this process, the default one first.
 *
 * @throws ERR_KLEIO_BINARY if no binary could be loaded.
 * @example
 * ```ts
 * import { devices } from 'kleio';
 *
 * const [cpu] = devices();
 * console.log(`${cpu.name}: ${cpu.isa}, ${cpu.threads} threads`);
 * ```
 */
export function devices(): [DeviceInfo, ...DeviceInfo[]] {
  const { isa, threads } = binding().describe();
  return [{ name: 'cpu', isa, threads, memory: totalmem() }];
}

export function requireDevice(device: unknown): asserts device is Device {
  if (device === 'cpu') return;
  throw codedError(
    'ERR_KLEIO_DEVICE',
    `device must be 'cpu', the only one of this build; got ${shown(device)}`,
  );
}
