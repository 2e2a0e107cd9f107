/** The whole MUSE ranker: search, attention, tiers and tower for every candidate. */

import type { Ranking } from '../../index.js';
import { defineCase } from '../harness/case.js';
import { firstCandidates, rankingWorkload } from '../harness/ranking-workload.js';
import { scanWork } from '../harness/scan-work.js';

export default defineCase<Ranking>({
  name: 'rank',
  about: 'rankSync: the whole ranker over a history without repeats',
  axes: ['targets', 'length', 'k', 'threads', 'device', 'cache'],

  async prepare({ kleio, point, workload }) {
    const { targets: count, length, k, threads, device } = point;
    const user = rankingWorkload(workload, { length, candidates: count });
    const place = device === 'cpu' ? {} : { device: device as 'cpu' };
    const ranker = await kleio.Ranker.open(user.weights, place);
    const { items, categories } = user.behaviours;
    const history = ranker.history(items, { categories });
    const request = { history, user: user.features, candidates: user.candidates, k, threads };
    return {
      call: () => ranker.rankSync(request),
      verify({ probabilities, kept }) {
        // A candidate ranked alone must have the same bits: the definition allows nothing else.
        const alone = ranker.rankSync({
          ...request,
          candidates: firstCandidates(user.candidates, 1),
        });
        if (alone.probabilities[0] !== probabilities[0]) throw new Error('rank: batch decides');
        const search = history.searchSync(user.candidates.items.subarray(0, 1), { k });
        if (search.positions.some((position, place) => position !== kept.positions[place]))
          throw new Error('rank: keeps other behaviours than the search');
      },
      work: scanWork(point),
      close: () => ranker.close(),
    };
  },
});
