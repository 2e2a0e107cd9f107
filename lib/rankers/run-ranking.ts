/** A planned ranking, run: on the calling thread, or on the pool until its promise settles. */

import type { NativeRanker, NativeRankingResults } from '../binding/contract/native-ranker.js';
import { filledOnPool } from '../binding/pool-call.js';
import { keptFor } from '../histories/kept.js';
import { float32Results } from '../histories/result-arrays.js';
import { type AnyKept, nativeKeptOf } from '../histories/run-search.js';
import type { CallersSignal } from '../support/abort.js';
import type { Ranking, RankingPlan } from './ranking.js';

/** An answer with whatever columns were asked for. */
type AnyRanking = Omit<Ranking, 'kept'> & { readonly kept: AnyKept };

export function rankHere(ranker: NativeRanker, plan: RankingPlan): AnyRanking {
  plan.signal?.throwIfAborted();
  const ranking = rankingFor(ranker, plan);
  ranker.rankSync(...plan.call, ...resultsOf(plan, ranking));
  return ranking;
}

export function rankOnPool(ranker: NativeRanker, plan: RankingPlan): Promise<AnyRanking> {
  const makeRanking = () => rankingFor(ranker, plan);
  return filledOnPool(plan.signal, makeRanking, (ranking, done) =>
    ranker.rank(...plan.call, ...resultsOf(plan, ranking), done),
  );
}

export function rankManyOnPool(
  ranker: NativeRanker,
  plans: readonly RankingPlan[],
  signal: CallersSignal | undefined,
): Promise<AnyRanking[]> {
  const makeRankings = () => plans.map((plan) => rankingFor(ranker, plan));
  return filledOnPool(signal, makeRankings, (rankings, done) => {
    const calls = plans.map(
      (plan, index) => [...plan.call, ...resultsOf(plan, rankings[index] as AnyRanking)] as const,
    );
    return ranker.rankMany(calls, done);
  });
}

/** Room for the answers. */
function rankingFor(ranker: NativeRanker, plan: RankingPlan): AnyRanking {
  const { count, interests, history } = plan;
  const kept = keptFor(plan, history.firstSequence);
  const probabilities = float32Results(count);
  if (!interests) return { probabilities, kept };
  return { probabilities, kept, interests: float32Results(count * ranker.interestWidth) };
}

function resultsOf(
  plan: RankingPlan,
  { probabilities, kept, interests }: AnyRanking,
): NativeRankingResults {
  const [positions, scores, fields] = nativeKeptOf(plan, kept);
  return [probabilities, positions, scores, interests, undefined, fields];
}
