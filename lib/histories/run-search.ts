/** A planned search, run: on the calling thread, or on the pool until its promise settles. */

import type {
  NativeHistory,
  NativeKept,
  NativeSearch,
} from '../binding/contract/native-history.js';
import { filledOnPool } from '../binding/pool-call.js';
import { nativeFieldsOf } from './behaviour-fields.js';
import { type KeptShape, keptFor } from './kept.js';
import type { SearchPlan } from './search-plan.js';

/** An answer with whatever columns were asked for. */
export type AnyKept = ReturnType<typeof keptFor>;

export function searchHere(history: NativeHistory, plan: SearchPlan): AnyKept {
  plan.signal?.throwIfAborted();
  const kept = keptFor(plan, history.firstSequence);
  history.searchSync(...nativeSearchOf(plan), ...nativeKeptOf(plan, kept));
  return kept;
}

export function searchOnPool(history: NativeHistory, plan: SearchPlan): Promise<AnyKept> {
  // Made in the turn in which the search sees its history.
  const makeKept = () => keptFor(plan, history.firstSequence);
  return filledOnPool(plan.signal, makeKept, (kept, done) =>
    history.search(...nativeSearchOf(plan), ...nativeKeptOf(plan, kept), done),
  );
}

export function nativeKeptOf({ fields }: KeptShape, kept: AnyKept): NativeKept {
  return [kept.positions, kept.scores, nativeFieldsOf(fields, kept)];
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
    plan.until,
    plan.distinct,
    plan.threads,
    plan.categories,
    plan.exclude,
  ];
}
