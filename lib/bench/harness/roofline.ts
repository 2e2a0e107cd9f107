/** A device's limits, measured in the same run, and the least time that some work can take on it. */

import type { PeakQuestion } from '../../binding/machine-peak.js';
import type { Work } from './case.js';

/** Kinds of operations that a floor counts. */
const ARITHMETIC = ['int8', 'float16', 'float32'] as const;
type Arithmetic = (typeof ARITHMETIC)[number];

/** `machinePeak` of the package: operations or bytes per second. */
export type PeakProbe = (question: PeakQuestion) => number;

export interface Floor {
  readonly ms: number;
  /** What the machine would be waiting for. */
  readonly bound: 'memory' | Arithmetic;
}

/** A peak, at the best that the run saw. */
export interface PeakRecord {
  readonly of: PeakQuestion['of'];
  readonly device: string;
  /** 1 of a GPU, which is measured whole. */
  readonly threads: number;
  readonly bytes: number;
  readonly perSecond: number;
}

/** Shorter than a turn of the scheduler: on a shared machine one of them may run undisturbed. */
const PROBE_MS = 3;
/** Filling the memory to be read takes longer than reading it. */
const PROBES = { int8: 12, float16: 12, float32: 12, read: 4 } as const;

/** Powers of two: near enough for a bandwidth, few enough to measure. */
const sizeClass = (bytes: number): number => 2 ** Math.ceil(Math.log2(Math.max(bytes, 2 ** 16)));

/** What some work needs of a device. */
export interface Demand {
  readonly work: Work;
  readonly device: string;
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
      const question = { ...peak, milliseconds: PROBE_MS };
      const rates = Array.from({ length: PROBES[peak.of] }, () => this.#probe(question));
      const perSecond = Math.max(...rates);
      const known = this.#best.get(keyOf(peak));
      if (known === undefined || known.perSecond < perSecond) {
        this.#best.set(keyOf(peak), { ...peak, perSecond });
      }
    }
  }

  /** By the best that was probed so far. Undefined where this device has no loop to measure with. */
  floorOf(demand: Demand): Floor | undefined {
    const { work } = demand;
    const seconds = (of: 'read' | Arithmetic, amount: number): number =>
      amount === 0 ? 0 : amount / this.#bestOf(demand, of);
    const parts = ARITHMETIC.map((of) => [of, seconds(of, work[of] ?? 0)] as const);
    const memory = seconds('read', work.bytes);
    const arithmetic = parts.reduce((sum, [, part]) => sum + part, 0);
    const least = Math.max(memory, arithmetic);
    if (!Number.isFinite(least)) return undefined;
    const [heaviest] = parts.reduce((a, b) => (b[1] > a[1] ? b : a));
    return { ms: least * 1000, bound: memory >= arithmetic ? 'memory' : heaviest };
  }

  #bestOf(demand: Demand, of: 'read' | Arithmetic): number {
    const peak = this.#peaksOf(demand).find((asked) => asked.of === of)!;
    const known = this.#best.get(keyOf(peak));
    if (known === undefined) throw new Error(`the peak of ${keyOf(peak)} was never probed`);
    return known.perSecond;
  }

  #peaksOf({ work, device, threads: given, cold }: Demand): Omit<PeakRecord, 'perSecond'>[] {
    const threads = device === 'cpu' ? given : 1;
    const bytes = sizeClass(cold ? this.#coldBytes : work.bytes);
    return [
      { of: 'read', device, threads, bytes },
      ...ARITHMETIC.filter((of) => work[of]).map((of) => ({ of, device, threads, bytes: 0 })),
    ];
  }
}

const keyOf = ({ of, device, threads, bytes }: Omit<PeakRecord, 'perSecond'>): string =>
  `${of} of ${threads} threads of ${device}${bytes > 0 ? ` in ${bytes} bytes` : ''}`;
