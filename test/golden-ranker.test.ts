/** The answers of the released ranker, of its attention and of its SimTier (test/golden). */
import { Ranker } from 'kleio';
import { describe, expect, it } from 'vitest';
import { expectClose } from './cases/closeness.js';
import { testDevice } from './cases/device.js';
import { times } from './cases/extent.js';
import { goldenFile, goldenRequests, MUSE_SETS, weightsPath } from './cases/muse-golden.js';
import {
  expectRanking,
  FEATURE_TOLERANCE,
  PROBABILITY_TOLERANCE,
  rankRequestOf,
  towerInputsOf,
} from './cases/ranker-subject.js';
import { Muse } from './oracle/muse.js';
import { museWeightsOf } from './oracle/muse-weights.js';

describe.each(MUSE_SETS)('%s', (set) => {
  const oracle = new Muse(museWeightsOf(goldenFile(`${set}.weights`)));

  const requests = goldenRequests(set).map((request, n) => ({ request, n }));
  // A device executed in software opens a ranker as slowly as it ranks.
  const every = testDevice === 'cpu' ? 1 : Math.floor(requests.length / times(requests.length, 6));

  it.each(requests.filter(({ n }) => n % every === 0))('request $n', async ({ request }) => {
    using ranker = await Ranker.open(weightsPath(set), { device: testDevice });
    const asked = rankRequestOf(ranker, request, [request.candidate]);
    const [towerInput] = towerInputsOf(ranker, asked);
    expectClose(towerInput!, request.towerInput, FEATURE_TOLERANCE, 'tower input');

    const answer = oracle.rank(request, request.candidate);
    for (const ranking of [
      ranker.rankSync({ ...asked, interests: true }),
      await ranker.rank({ ...asked, interests: true }),
    ]) {
      expectRanking(ranking, [answer], set);
      const released = [request.probability];
      expectClose(ranking.probabilities, released, PROBABILITY_TOLERANCE, 'probability');
      const attended = ranking.interests!.subarray(-request.attended.length);
      expectClose(attended, request.attended, FEATURE_TOLERANCE, 'attention');
    }
    expect(ranker.k).toBe(answer.positions.length);
  });
});
