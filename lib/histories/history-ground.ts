/** What histories stand on: a table, or a ranker with its similarity table. */

import { binding } from '../binding/binary.js';
import type { NativeHistory } from '../binding/contract/native-history.js';
import { uncurried } from '../support/intrinsics.js';
import { type EmbeddingTable, nativeTableOf } from '../tables/embedding-table.js';
import { type SearchedTable, searchedTable } from './search-plan.js';

/** What makes histories that it can rank with: a `Ranker`. */
export interface HistoryMaker {
  buildHistory(ids: BigInt64Array): Promise<object>;
}

/** A place for a history, held whatever is closed meanwhile. */
export interface HistoryGround {
  readonly table: SearchedTable;
  /** An empty history there. */
  readonly native: NativeHistory;
}

type Makers = WeakMap<object, () => HistoryGround>;

const makers: Makers = new WeakMap();
const makerOf = uncurried<Makers, [maker: object], (() => HistoryGround) | undefined>(
  WeakMap.prototype.get,
);
const addMaker = uncurried<Makers, [maker: object, ground: () => HistoryGround], Makers>(
  WeakMap.prototype.set,
);

/** Histories may be read to where `ground` says, and moved there. */
export function makesHistories(maker: HistoryMaker, ground: () => HistoryGround): void {
  addMaker(makers, maker, ground);
}

/** Throws if it is neither a table nor a ranker, or closed. */
export function historyGroundOf(over: EmbeddingTable | HistoryMaker): HistoryGround {
  const ground = makerOf(makers, over);
  if (ground !== undefined) return ground();
  const native = nativeTableOf(over, 'an EmbeddingTable or a Ranker');
  return {
    table: searchedTable(native),
    native: binding().createHistory(native, 1),
  };
}
