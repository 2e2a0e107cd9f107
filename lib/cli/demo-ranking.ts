/** The second half of the demonstration: the same user and candidates through a whole ranker. */

import { Ranker, type RankerWeights } from '../index.js';
import type { Progress } from '../text/progress.js';
import { type Latency, measure } from './latency.js';
import { likeliest, type RankedCandidate } from './ranked-candidates.js';
import type { RankedUser } from './ranked-user.js';

export interface RankingScenario {
  readonly weights: RankerWeights;
  readonly user: RankedUser;
}

export interface RankingReport {
  readonly candidates: number;
  readonly k: number;
  readonly ranked: readonly RankedCandidate[];
  readonly latencies: readonly Latency[];
}

const SHOWN_CANDIDATES = 5;

export async function rankDemo(
  { weights, user }: RankingScenario,
  k: number,
  progress: Progress,
): Promise<RankingReport> {
  using ranker = await Ranker.open(weights, { k });
  const { items, categories } = user.behaviours;
  using history = ranker.history(items, { categories });
  const request = { history, user: user.user, candidates: user.candidates };
  const { probabilities } = await ranker.rank(request);
  const count = probabilities.length;
  const latencies: Latency[] = [];
  const sizes = count === 1 ? [1] : [1, count];
  progress.start('measuring the ranker', 2 * sizes.length);
  for (const size of sizes) {
    const part = { ...request, candidates: firstOf(user.candidates, size) };
    const sync = await measure(() => ranker.rankSync(part));
    latencies.push({ targets: size, call: 'rankSync', ...sync });
    progress.step();
    const async = await measure(() => ranker.rank(part));
    latencies.push({ targets: size, call: 'rank', ...async });
    progress.step();
  }
  const ranked = likeliest(probabilities, SHOWN_CANDIDATES, ranker, user, history);
  return { candidates: count, k: ranker.k, ranked, latencies };
}

function firstOf(candidates: RankedUser['candidates'], size: number): RankedUser['candidates'] {
  return {
    items: candidates.items.subarray(0, size),
    categories: candidates.categories.subarray(0, size),
    cities: candidates.cities.subarray(0, size),
    provinces: candidates.provinces.subarray(0, size),
  };
}
