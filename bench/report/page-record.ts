/** What the page shows: everything that one run recorded, and what earlier runs did. */

import type { Report } from '../../lib/bench/harness/results.js';
import type { Comparisons } from '../comparison/comparison-record.js';
import type { Proof } from '../gate/proof.js';

export interface HeadlineFigure {
  readonly name: string;
  /** Milliseconds: the median and its 95 % interval. */
  readonly p50: number;
  readonly lower: number;
  readonly upper: number;
}

/** One full run: bench/results/history.json holds one for each. */
export interface HistoryEntry {
  readonly date: string;
  readonly commit: string;
  readonly processor: string;
  readonly isa: string;
  readonly figures: readonly HeadlineFigure[];
}

export interface PageRecord {
  readonly report: Report;
  readonly peers: Comparisons | null;
  readonly proof: Proof | null;
  readonly history: readonly HistoryEntry[];
}
