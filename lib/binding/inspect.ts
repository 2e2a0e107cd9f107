/** A report of what runs and why, made to be pasted into an issue. */

import { thrownText } from '../support/errors.js';
import { type BinaryCandidate, type Loading, loadBinary, PACKAGE_VERSION } from './binary.js';
import type { NativeAccelerators } from './contract/native-devices.js';
import type { NativeDescription } from './contract/native-process.js';
import { type GpuInfo, gpuInfo } from './devices.js';

/** Counters of this process since it started. */
export type SearchCounters = Readonly<NativeDescription['counters']>;

/** What the binary can say of CUDA on this machine. */
export interface CudaReport {
  readonly available: boolean;
  /** Why no device can be used; null where one can. */
  readonly reason: string | null;
  /** Newest CUDA that the driver serves, `12.4` and so on; null without a driver. */
  readonly driver: string | null;
  /** CUDA that the binary was made with; null if it was made without. */
  readonly runtime: string | null;
  readonly devices: readonly GpuInfo[];
}

export interface Report {
  readonly version: string;
  readonly node: string;
  /** Version of Node-API that this Node.js offers. */
  readonly napi: string;
  readonly platform: string;
  readonly arch: string;
  /** The binary in use; null if none could be loaded, and then `failure` says why. */
  readonly binary: string | null;
  readonly failure: string | null;
  readonly candidates: readonly BinaryCandidate[];
  readonly compiler: string | null;
  /** Instruction set of the kernels in use. */
  readonly isa: string | null;
  /** Those that this machine can run; KLEIO_ISA forces one. */
  readonly supportedIsas: readonly string[];
  readonly threads: number;
  readonly queueCapacity: number;
  /** The KLEIO_ variables that are set. */
  readonly environment: Readonly<Record<string, string>>;
  readonly counters: SearchCounters | null;
  readonly cuda: CudaReport;
}

/**
 * Describes this installation. Never throws because of a missing binary: it says why each candidate
 * was refused.
 *
 * `counters.canonicalCompactions` counts how often ties or a hostile order filled a candidate buffer,
 * `counters.fullCanonicalScans` how often the certified scan had no valid bound and every behaviour
 * was scored canonically: slower, never wrong; `counters.coalesced` the calls that `KLEIO_COALESCE` had
 * answered together with others.
 *
 * @example
 * ```ts
 * import { inspect } from 'kleio';
 *
 * const { binary, isa, threads } = inspect();
 * console.log({ binary, isa, threads });
 * ```
 */
export function inspect(): Report {
  const { candidates, outcome } = loadBinary();
  const { description, accelerators, failure } = describe(outcome);
  return {
    version: PACKAGE_VERSION,
    node: process.version,
    napi: process.versions.napi ?? '',
    platform: process.platform,
    arch: process.arch,
    binary: candidates.find(({ state }) => state === 'loaded')?.path ?? null,
    failure,
    candidates,
    compiler: description?.compiler ?? null,
    isa: description?.isa ?? null,
    supportedIsas: description?.supportedIsas ?? [],
    threads: description?.threads ?? 0,
    queueCapacity: description?.queueCapacity ?? 0,
    environment: kleioEnvironment(),
    counters: description?.counters ?? null,
    cuda: cudaReport(accelerators),
  };
}

interface Described {
  readonly description?: NativeDescription;
  readonly accelerators?: NativeAccelerators;
  readonly failure: string | null;
}

function describe({ binding, failure }: Loading['outcome']): Described {
  if (binding === undefined) return { failure: failure.message };
  try {
    const accelerators = binding.describeAccelerators();
    return { description: binding.describe(), accelerators, failure: null };
  } catch (error) {
    return { failure: thrownText(error) };
  }
}

function cudaReport(accelerators: NativeAccelerators | undefined): CudaReport {
  if (accelerators === undefined) {
    const reason = 'no binary could be loaded';
    return { available: false, reason, driver: null, runtime: null, devices: [] };
  }
  const { devices, reason, driverVersion, runtimeVersion } = accelerators;
  return {
    available: devices.length > 0,
    reason: reason === '' ? null : reason,
    driver: cudaVersion(driverVersion),
    runtime: cudaVersion(runtimeVersion),
    devices: devices.map(gpuInfo),
  };
}

/** As CUDA numbers its versions: 12040 is 12.4. */
function cudaVersion(number: number): string | null {
  if (number === 0) return null;
  return `${Math.floor(number / 1000)}.${Math.floor((number % 1000) / 10)}`;
}

function kleioEnvironment(): Record<string, string> {
  const set = Object.entries(process.env).filter(([name]) => name.startsWith('KLEIO_'));
  return Object.fromEntries(set) as Record<string, string>;
}
