/** What a comparison with peers records. */

import type { Machine } from '../../lib/bench/harness/results.js';
import type { Spread } from '../../lib/bench/harness/statistics.js';
import type { Absence } from './peer.js';

export interface ComparedRow {
  readonly name: string;
  /** Milliseconds of a call; absent where the answers were refused. */
  readonly ms?: Spread;
  /** Why there is no time: its answers differ from the definition's. */
  readonly refused?: string;
  /** A slow peer got so many of the targets; its time is scaled up. */
  readonly scaledFrom?: number;
  /** Of an approximate peer: the share of the true K that it keeps. */
  readonly recall?: number;
  /** Of kleio: how many times faster than each peer, by the ratios within a round. */
  readonly speedupOver?: Readonly<Record<string, Spread>>;
}

export interface ComparedCount {
  /** Targets or candidates. */
  readonly targets: number;
  readonly rounds: number;
  readonly rows: readonly ComparedRow[];
}

export interface Comparison {
  readonly kind: 'search' | 'rank';
  readonly machine: Machine;
  readonly isa: string;
  readonly seed: number;
  readonly threads: number;
  readonly length: number;
  readonly dim: number;
  readonly k: number;
  readonly results: readonly ComparedCount[];
  readonly absent: readonly Absence[];
}

/** bench/results/peers.json */
export interface Comparisons {
  readonly format: 1;
  readonly comparisons: readonly Comparison[];
}
