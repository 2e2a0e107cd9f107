/** The machine's limits, measured in the same run, and the least time that some work can take on it. */

import type { PeakQuestion } from '../../lib/machine-peak.js';
import type { Work } from './case.js';

/** `machinePeak` of the package: operations or bytes per second. */
export type PeakProbe = (question: PeakQuestion) => number;

export interface Floor {
  readonly ms: number;
  /** What the machine would be waiting for. */
  readonly bound: 'memory' | 'int8' | 'float32';
  /** Bytes per second at this working set, and operations per second, that the floor assumes. */
  readonly bytesPerSecond: number;
  readonly int8PerSecond: number;
}

/** A peak as the run saw it last, and at best. */
export interface PeakRecord {
  readonly of: PeakQuestion['of'];
  readonly threads: number;
  readonly bytes: number;
  readonly perSecond: number;
}

const PROBE_MS = 30;
/** Noise only takes away from a peak: the best of these is nearest to it. */
const PROBES = 3;

/** Powers of two: near enough for a bandwidth, few enough to measure. */
const sizeClass = (bytes: number): number => 2 ** Math.ceil(Math.log2(Math.max(bytes, 2 ** 16)));

export class Roofline {
  readonly #probe: PeakProbe;
  readonly #known = new Map<string, PeakRecord>();
  readonly #coldBytes: number;

  /** `coldBytes`: a working set that no cache holds. */
  constructor(probe: PeakProbe, coldBytes = 2 ** 28) {
    this.#probe = probe;
    this.#coldBytes = coldBytes;
  }

  /** Every limit that was asked for. */
  get peaks(): PeakRecord[] {
    return [...this.#known.values()];
  }

  /** Undefined where this machine has no loop to measure its limits with. */
  floorOf(work: Work, threads: number, cold: boolean): Floor | undefined {
    const bytesPerSecond = this.#rate('read', threads, cold ? this.#coldBytes : work.bytes);
    const int8PerSecond = this.#rate('int8', threads);
    const seconds = { memory: work.bytes / bytesPerSecond, int8: 0, float32: 0 };
    if (work.int8) seconds.int8 = work.int8 / int8PerSecond;
    if (work.float32) seconds.float32 = work.float32 / this.#rate('float32', threads);
    const arithmetic = seconds.int8 + seconds.float32;
    const least = Math.max(seconds.memory, arithmetic);
    if (!Number.isFinite(least)) return undefined;
    const heavier = seconds.int8 >= seconds.float32 ? 'int8' : 'float32';
    const bound = seconds.memory >= arithmetic ? 'memory' : heavier;
    return { ms: least * 1000, bound, bytesPerSecond, int8PerSecond };
  }

  #rate(of: PeakQuestion['of'], threads: number, workingSet = 0): number {
    const bytes = of === 'read' ? sizeClass(workingSet) : 0;
    const key = `${of} ${threads} ${bytes}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known.perSecond;
    const question = { of, threads, bytes, milliseconds: PROBE_MS };
    const perSecond = Math.max(...Array.from({ length: PROBES }, () => this.#probe(question)));
    this.#known.set(key, { of, threads, bytes, perSecond });
    return perSecond;
  }
}
