/** What the measurements of overheads share. */

import type { Kleio } from '../harness/case.js';
import { quantile } from '../harness/statistics.js';
import type { Workload } from '../harness/workload.js';

export interface OverheadSetting {
  readonly kleio: Kleio;
  readonly workload: Workload;
  /** Behaviours of a history. */
  readonly length: number;
  /** How long the longest of these measurements may take, about; the others take a part of it. */
  readonly seconds: number;
  readonly onStep: (what: string) => void;
}

export const DIM = 128;
export const K = 50;

export interface Percentiles {
  readonly samples: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly most: number;
}

export function percentilesOf(sample: ArrayLike<number>): Percentiles {
  const at = (share: number) => quantile(sample, share);
  return { samples: sample.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), most: at(1) };
}

/** A user whose every behaviour is another item, over int8 codes. */
export function userOf({ kleio, workload }: OverheadSetting, length: number, targets: number) {
  const { values } = workload.history({ length, dim: DIM, dtype: 'int8' });
  const table = kleio.EmbeddingTable.from(values as Int8Array, { dim: DIM });
  const history = new kleio.History(table);
  history.append(Int32Array.from({ length }, (_, row) => row));
  const asked = workload.targets({ targets, dim: DIM, dtype: 'int8' }).values as Int8Array;
  return { table, history, targets: asked };
}
