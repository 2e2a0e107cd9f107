/** Searches of many users at once. */

import { binding } from '../binding/binary.js';
import { filledOnPool } from '../binding/pool-call.js';
import { type History, plannedSearchOf } from './history.js';
import { type Kept, keptFor } from './kept.js';
import { type ManyOptions, plannedMany } from './many.js';
import { nativeSearchOf } from './run-search.js';
import type { SearchOptions, Targets } from './search.js';

/** One search of many: a history and what its own `search` takes, without a signal. */
export interface HistorySearch extends Omit<SearchOptions, 'signal'> {
  readonly history: History;
  /** As of `History.search`; left out for `by: 'category'`. */
  readonly targets?: Targets | undefined;
}

/**
 * Searches many histories, of any tables and with any options, as one piece of work: it takes one place
 * in the queue and one turn of the event loop, and its parts are divided among the threads. For a
 * server that gathers the requests of several users before it asks.
 *
 * @param searches each as `History.search` would take it. One that is wrong makes all of them be refused.
 * @returns what each search would give alone, the same bits, in the same order. Rejects with what
 * `History.search` rejects with, naming the search, or with the reason of an aborted `signal`.
 * @example
 * ```ts
 * import { EmbeddingTable, History, searchMany } from 'kleio';
 *
 * const items = EmbeddingTable.from(Int8Array.of(3, 4, -4, 3, 4, 3), { dim: 2 });
 * const [ann, bob] = [new History(items), new History(items)];
 * ann.append(Int32Array.of(0, 1));
 * bob.append(Int32Array.of(2, 1, 2));
 *
 * const [annKept, bobKept] = await searchMany([
 *   { history: ann, targets: Int32Array.of(2), k: 1 },
 *   { history: bob, targets: Int32Array.of(0, 1), k: 2, distinct: true },
 * ]);
 * console.log(annKept?.positions, bobKept?.positions);
 * ```
 */
export async function searchMany(
  searches: readonly HistorySearch[],
  options: ManyOptions = {},
): Promise<Kept[]> {
  const { signal, plans } = plannedMany('searches', searches, options, (asked) => {
    const { history, targets, ...search } = asked;
    return plannedSearchOf(history, targets, search);
  });
  const makeKept = () => plans.map(({ plan }) => keptFor(plan.count, plan.k));
  return filledOnPool(signal, makeKept, (kept, done) => {
    const calls = plans.map(({ native, plan }, index) => {
      const { positions, scores } = kept[index] as Kept;
      return [native, ...nativeSearchOf(plan), positions, scores] as const;
    });
    return binding().searchMany(calls, done);
  });
}
