/** What a demonstration searches, wherever it came from. */

import type { EmbeddingTable, History } from '../index.js';
import type { RankingScenario } from './demo-ranking.js';

/** A history and what its positions mean to a reader. */
export interface Recording {
  readonly name: string;
  readonly history: History;
  /** Item id at each position. */
  readonly items: BigInt64Array;
  /** Category at each position. */
  readonly categories: BigInt64Array;
}

export interface Scenario {
  /** Where the data comes from, for the report. */
  readonly source: string;
  readonly table: EmbeddingTable;
  /** The long history: the one that is measured. */
  readonly long: Recording;
  /** Real users, if there are any. */
  readonly users: readonly Recording[];
  /** Item ids. */
  readonly targets: BigInt64Array;
  readonly categoryOf: (item: bigint) => bigint | null;
  /** The long history and the targets for a ranker, if there is one. */
  readonly ranking: RankingScenario | null;
}
