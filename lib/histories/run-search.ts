/** A planned search, run: on the calling thread, or on the pool until its promise settles. */

import type { NativeHistory, NativeSearch } from '../binding/contract/native-history.js';
import { filledOnPool } from '../binding/pool-call.js';
import { type Kept, keptFor } from './kept.js';
import type { SearchPlan } from './search-plan.js';

export function searchHere(history: NativeHistory, plan: SearchPlan): Kept {
  plan.signal?.throwIfAborted();
  const kept = keptFor(plan.count, plan.k);
  history.searchSync(...nativeSearchOf(plan), kept.positions, kept.scores);
  return kept;
}

export function searchOnPool(history: NativeHistory, plan: SearchPlan): Promise<Kept> {
  const makeKept = () => keptFor(plan.count, plan.k);
  return filledOnPool(plan.signal, makeKept, (kept, done) =>
    history.search(...nativeSearchOf(plan), kept.positions, kept.scores, done),
  );
}

/** The plan as the arguments of a native call. */
export function nativeSearchOf(plan: SearchPlan): NativeSearch {
  return [
    plan.targetKind,
    plan.targets,
    plan.count,
    plan.unit,
    plan.k,
    plan.minScore,
    plan.since,
    plan.distinct,
    plan.threads,
    plan.categories,
    plan.exclude,
  ];
}
