/** Searches of many users at once. */

import { binding } from '../binding/binary.js';
import { filledOnPool } from '../binding/pool-call.js';
import type { BehaviourField, FieldsOf } from './behaviour-fields.js';
import { refuseExtendable } from './extendable.js';
import { type History, searchedHistoryOf } from './history.js';
import { type Kept, keptFor } from './kept.js';
import { type ManyOptions, plannedMany } from './many.js';
import { type AnyKept, nativeKeptOf, nativeSearchOf } from './run-search.js';
import type { SearchOptions, Targets } from './search.js';
import { planSearch } from './search-plan.js';

/** One search of many: a history and what its own `search` takes, without a signal. */
export interface HistorySearch<Field extends BehaviourField = never>
  extends Omit<SearchOptions<Field>, 'signal' | 'extendable'> {
  readonly history: History;
  /** As of `History.search`; left out for `by: 'category'`. */
  readonly targets?: Targets | undefined;
}

/** What each of many searches answers: a tuple for a tuple. */
export type KeptOfEach<Searches extends readonly HistorySearch<BehaviourField>[]> = {
  -readonly [Index in keyof Searches]: Kept<FieldsOf<Searches[Index]>>;
};

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
export async function searchMany<const Searches extends readonly HistorySearch<BehaviourField>[]>(
  searches: Searches,
  options: ManyOptions = {},
): Promise<KeptOfEach<Searches>> {
  const { signal, plans } = plannedMany('searches', searches, options, (asked) => {
    const { history, targets, ...search } = asked;
    const { native, table } = searchedHistoryOf(history);
    return { native, plan: refuseExtendable(planSearch(table, targets, search)) };
  });
  const makeKept = () => plans.map(({ native, plan }) => keptFor(plan, native.firstSequence));
  const kept = await filledOnPool(signal, makeKept, (kept, done) => {
    const calls = plans.map(
      ({ native, plan }, index) =>
        [native, ...nativeSearchOf(plan), ...nativeKeptOf(plan, kept[index] as AnyKept)] as const,
    );
    return binding().searchMany(calls, done);
  });
  return kept as KeptOfEach<Searches>;
}
