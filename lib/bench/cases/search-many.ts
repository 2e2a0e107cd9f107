/** Searches of several users as one piece of work: what gathering their requests saves. */

import type { Kept } from '../../index.js';
import { defineCase } from '../harness/case.js';
import { ExactScores, requireSame } from '../harness/exact.js';
import { scanWork } from '../harness/scan-work.js';

const USERS = 8;

export default defineCase<Kept[]>({
  name: 'search-many',
  about: `searchMany: ${USERS} users, the targets shared among them`,
  axes: ['targets', 'length', 'dim', 'k', 'dtype', 'threads', 'device'],

  prepare({ kleio, point, workload }) {
    const { length, dim, k, dtype, threads, device } = point;
    const rows = workload.history(point);
    const count = Math.ceil(point.targets / USERS);
    const each = workload.targets({ ...point, targets: count });
    const table = kleio.EmbeddingTable.from(rows.values, { dim, dtype, device: device as 'cpu' });
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
      work: scanWork({ ...point, targets: count, length: USERS * length }),
      close: () => table.close(),
    };
  },
});
