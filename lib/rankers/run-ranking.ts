/** A planned ranking, run: on the calling thread, or on the pool until its promise settles. */

import type { NativeRanker, NativeRankingResults } from '../binding/contract/native-ranker.js';
import { filledOnPool, throwIfAborted } from '../binding/pool-call.js';
import { keptFor } from '../histories/kept.js';
import { float32Results } from '../histories/result-arrays.js';
import { codedError } from '../support/errors.js';
import type { Ranking, RankingPlan } from './ranking.js';

export function rankHere(ranker: NativeRanker, plan: RankingPlan): Ranking {
  throwIfAborted(plan.signal);
  const ranking = rankingFor(ranker, plan);
  ranker.rankSync(...plan.call, ...resultsOf(ranking));
  return ranking;
}

export async function rankOnPool(ranker: NativeRanker, plan: RankingPlan): Promise<Ranking> {
  throwIfAborted(plan.signal);
  const ranking = rankingFor(ranker, plan);
  return filledOnPool(plan.signal, ranking, (done) =>
    ranker.rank(...plan.call, ...resultsOf(ranking), done),
  );
}

export async function rankManyOnPool(
  ranker: NativeRanker,
  plans: readonly RankingPlan[],
  signal: AbortSignal | undefined,
): Promise<Ranking[]> {
  throwIfAborted(signal);
  const rankings = plans.map((plan) => rankingFor(ranker, plan));
  const calls = plans.map(
    ({ call }, index) => [...call, ...resultsOf(rankings[index] as Ranking)] as const,
  );
  return filledOnPool(signal, rankings, (done) => ranker.rankMany(calls, done));
}

/** Room for the answers. */
function rankingFor(ranker: NativeRanker, { count, k, interests }: RankingPlan): Ranking {
  const kept = keptFor(count, k);
  try {
    const probabilities = float32Results(count);
    if (!interests) return { probabilities, kept };
    return { probabilities, kept, interests: float32Results(count * ranker.interestWidth) };
  } catch (cause) {
    throw codedError('ERR_KLEIO_OUT_OF_MEMORY', 'no memory for the results', { cause });
  }
}

function resultsOf({ probabilities, kept, interests }: Ranking): NativeRankingResults {
  return [probabilities, kept.positions, kept.scores, interests, undefined];
}
