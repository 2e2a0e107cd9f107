/** A report of what runs and why, made to be pasted into an issue. */

import { type BinaryCandidate, binaryCandidates, binding, PACKAGE_VERSION } from './binary.js';
import type { NativeDescription } from './native.js';

/** Counters of this process since it started. */
export type SearchCounters = Readonly<NativeDescription['counters']>;

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
  readonly cuda: { readonly available: false; readonly reason: string };
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
  const candidates = binaryCandidates();
  const { description, failure } = describe();
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
    cuda: { available: false, reason: 'this version has no CUDA backend' },
  };
}

function describe(): { description?: NativeDescription; failure: string | null } {
  try {
    return { description: binding().describe(), failure: null };
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  }
}

function kleioEnvironment(): Record<string, string> {
  const set = Object.entries(process.env).filter(([name]) => name.startsWith('KLEIO_'));
  return Object.fromEntries(set) as Record<string, string>;
}
