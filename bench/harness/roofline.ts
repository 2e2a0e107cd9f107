/** The machine's limits, measured in the same run, and the least time that some work can take on it. */

import type { PeakQuestion } from '../../lib/machine-peak.js';
import type { Work } from './case.js';

/** `machinePeak` of the package: operations or bytes per second. */
export type PeakProbe = (question: PeakQuestion) => number;

export interface Floor {
  readonly ms: number;
  /** What the machine would be waiting for. */
  readonly bound: 'memory' | 'int8' | 'float32';
}

/** A peak, at the best that the run saw. */
export interface PeakRecord {
  readonly of: PeakQuestion['of'];
  readonly threads: number;
  readonly bytes: number;
  readonly perSecond: number;
}

/** Shorter than a turn of the scheduler: on a shared machine one of them may run undisturbed. */
const PROBE_MS = 3;
/** Filling the memory to be read takes longer than reading it. */
const PROBES = { int8: 12, float32: 12, read: 4 } as const;

/** Powers of two: near enough for a bandwidth, few enough to measure. */
const sizeClass = (bytes: number): number => 2 ** Math.ceil(Math.log2(Math.max(bytes, 2 ** 16)));

/** What some work needs of the machine. */
export interface Demand {
  readonly work: Work;
  readonly threads: number;
  /** Nothing of it lies in a cache. */
  readonly cold: boolean;
}

export class Roofline {
  readonly #probe: PeakProbe;
  readonly #best = new Map<string, PeakRecord>();
  readonly #coldBytes: number;

  /** `coldBytes`: a working set that no cache holds. */
  constructor(probe: PeakProbe, coldBytes = 2 ** 28) {
    this.#probe = probe;
    this.#coldBytes = coldBytes;
  }

  /** Every limit that was asked for, at its best. */
  get peaks(): PeakRecord[] {
    return [...this.#best.values()];
  }

  /** Probes the limits of this work again. Noise only takes away from a peak, so the best counts. */
  probe(demand: Demand): void {
    for (const peak of this.#peaksOf(demand)) {
      const { of, threads, bytes } = peak;
      const question = { of, threads, bytes, milliseconds: PROBE_MS };
      const rates = Array.from({ length: PROBES[of] }, () => this.#probe(question));
      const perSecond = Math.max(...rates);
      const known = this.#best.get(keyOf(peak));
      if (known === undefined || known.perSecond < perSecond) {
        this.#best.set(keyOf(peak), { ...peak, perSecond });
      }
    }
  }

  /** By the best that was probed so far. Undefined where this machine has no loop to measure with. */
  floorOf(demand: Demand): Floor | undefined {
    const rates = this.#peaksOf(demand).map((peak) => {
      const known = this.#best.get(keyOf(peak));
      if (known === undefined) throw new Error(`the peak of ${keyOf(peak)} was never probed`);
      return [peak.of, known.perSecond] as const;
    });
    const perSecond = { read: 0, int8: 0, float32: 0, ...Object.fromEntries(rates) };
    const { bytes, int8 = 0, float32 = 0 } = demand.work;
    const seconds = {
      memory: bytes / perSecond.read,
      int8: int8 && int8 / perSecond.int8,
      float32: float32 && float32 / perSecond.float32,
    };
    const arithmetic = seconds.int8 + seconds.float32;
    const least = Math.max(seconds.memory, arithmetic);
    if (!Number.isFinite(least)) return undefined;
    const heavier = seconds.int8 >= seconds.float32 ? 'int8' : 'float32';
    const bound = seconds.memory >= arithmetic ? 'memory' : heavier;
    return { ms: least * 1000, bound };
  }

  #peaksOf({ work, threads, cold }: Demand): Omit<PeakRecord, 'perSecond'>[] {
    const bytes = sizeClass(cold ? this.#coldBytes : work.bytes);
    return [
      { of: 'read', threads, bytes },
      ...(work.int8 ? [{ of: 'int8', threads, bytes: 0 } as const] : []),
      ...(work.float32 ? [{ of: 'float32', threads, bytes: 0 } as const] : []),
    ];
  }
}

const keyOf = ({ of, threads, bytes }: Omit<PeakRecord, 'perSecond'>): string =>
  `${of} of ${threads} threads${bytes > 0 ? ` in ${bytes} bytes` : ''}`;
