/** Rankings for several users as one piece of work: what gathering their requests saves. */

import type { Ranking } from '../../index.js';
import { defineCase } from '../harness/case.js';
import { firstCandidates, rankingWorkload } from '../harness/ranking-workload.js';
import { scanWork } from '../harness/scan-work.js';

const USERS = 8;

export default defineCase<Ranking[]>({
  name: 'rank-many',
  about: `rankMany: ${USERS} users, the candidates shared among them`,
  axes: ['targets', 'length', 'k', 'threads', 'device', 'cache'],

  async prepare({ kleio, point, workload }) {
    const { length, k, threads, device } = point;
    const each = Math.ceil(point.targets / USERS);
    const { weights, features, behaviours, candidates } = rankingWorkload(workload, {
      ...{ length, candidates: USERS * each },
    });
    const ranker = await kleio.Ranker.open(weights, { device: device as 'cpu' });
    const requests = Array.from({ length: USERS }, () => {
      const history = ranker.history(behaviours.items, { categories: behaviours.categories });
      return { history, user: features, candidates: firstCandidates(candidates, each), k, threads };
    });
    return {
      call: () => ranker.rankMany(requests),
      verify(rankings) {
        const { probabilities } = ranker.rankSync(requests[0]!);
        for (const ranking of rankings) {
          if (probabilities.every((value, at) => value === ranking.probabilities[at])) continue;
          throw new Error('rank-many: company changes an answer');
        }
      },
      work: scanWork({ ...point, targets: each, length: USERS * length }),
      close: () => ranker.close(),
    };
  },
});
