/** Where searches can run. */

import { codedError, shown } from '../support/errors.js';
import { os } from '../support/node-builtins.js';
import { binding } from './binary.js';
import { CPU_DEVICE } from './contract/codes.js';
import type { NativeAccelerator, NativeAcceleratorUsage } from './contract/native-devices.js';

/** Full name of a device. */
export type DeviceName = 'cpu' | `cuda:${number}`;

/** A device as an option names it; `'cuda'` is `'cuda:0'`. */
export type Device = DeviceName | 'cuda';

export interface CpuInfo {
  readonly name: 'cpu';
  /** Instruction set of the kernels in use: `scalar`, `avx2` or `avx512`. */
  readonly isa: string;
  /** Threads that may work on one search. */
  readonly threads: number;
  /** Memory of the machine in bytes. */
  readonly memory: number;
}

/** What a device holds and has done since something was first put on it. */
export type DeviceUsage = Readonly<NativeAcceleratorUsage>;

export interface GpuInfo {
  readonly name: `cuda:${number}`;
  /** As its maker calls it. */
  readonly model: string;
  /** Compute capability, `9.0` and so on. */
  readonly compute: string;
  readonly multiprocessors: number;
  /** Memory of the device in bytes. */
  readonly memory: number;
  /** Undefined until something has been put on the device. */
  readonly usage: DeviceUsage | undefined;
}

export type DeviceInfo = CpuInfo | GpuInfo;

/**
 * The devices of this process, the default one first: the CPU, then the GPUs that a build with CUDA
 * finds. `inspect().cuda` says why there is none.
 *
 * @throws ERR_KLEIO_BINARY if no binary could be loaded, ERR_KLEIO_LIMIT if the system starts no thread,
 * ERR_KLEIO_ISA or ERR_KLEIO_RANGE for what a variable KLEIO_… says.
 * @example
 * ```ts
 * import { devices } from 'kleio';
 *
 * const [cpu, ...gpus] = devices();
 * console.log(`${cpu.name}: ${cpu.isa}, ${cpu.threads} threads`);
 * for (const { name, model } of gpus) console.log(`${name}: ${model}`);
 * ```
 */
export function devices(): [CpuInfo, ...GpuInfo[]] {
  const { isa, threads } = binding().describe();
  const gpus = binding().describeAccelerators().devices.map(gpuInfo);
  return [{ name: 'cpu', isa, threads, memory: os.totalmem() }, ...gpus];
}

export function gpuInfo({ name, usage, ...described }: NativeAccelerator): GpuInfo {
  return { name: name as `cuda:${number}`, ...described, usage };
}

/** The device of an option in the contract's words. Whether there is such a device, native code says. */
export function deviceIndex(device: Device): number {
  if (device === 'cpu') return CPU_DEVICE;
  if (device === 'cuda') return 0;
  const text = typeof device === 'string' ? device : '';
  const index = /^cuda:(0|[1-9]\d{0,2})$/.exec(text)?.[1];
  if (index !== undefined) return Number(index);
  throw codedError(
    'ERR_KLEIO_DEVICE',
    `device must be 'cpu', 'cuda' or 'cuda:' and a number; got ${shown(device)}`,
  );
}

export function deviceName(index: number): DeviceName {
  return index === CPU_DEVICE ? 'cpu' : `cuda:${index}`;
}
