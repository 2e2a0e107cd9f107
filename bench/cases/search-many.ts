/** Searches of several users as one piece of work: what gathering their requests saves. */

import type { Kept } from '../../lib/index.js';
import { defineCase } from '../harness/case.js';
import { ExactScores, requireSame } from '../harness/exact.js';

const USERS = 8;

export default defineCase<Kept[]>({
  name: 'search-many',
  about: `searchMany: ${USERS} users, the targets shared among them`,
  axes: ['targets', 'length', 'dim', 'k', 'dtype', 'threads'],

  prepare({ kleio, point, workload }) {
    const { length, dim, k, dtype, threads } = point;
    const rows = workload.history(point);
    const each = workload.targets({ ...point, targets: Math.ceil(point.targets / USERS) });
    const table = kleio.EmbeddingTable.from(rows.values, { dim, dtype });
    const searches = Array.from({ length: USERS }, () => {
      const history = new kleio.History(table);
      history.append(Int32Array.from({ length }, (_, row) => row));
      return { history, targets: each.values, k, threads };
    });
    return {
      call: () => kleio.searchMany(searches),
      verify(kept) {
        const best = new ExactScores(rows.numbers, dim).topK(each.numbers.subarray(0, dim), k);
        for (const answer of kept) requireSame('search-many', answer, 0, best);
      },
      work: { bytes: USERS * length * dim, int8: 2 * USERS * length * each.numbers.length },
      close: () => table.close(),
    };
  },
});
