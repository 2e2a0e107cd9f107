/** The scan kernels alone: a search for what no behaviour reaches, so that nothing is kept or rescored. */

import type { Kept } from '../../index.js';
import { defineCase } from '../harness/case.js';
import { scanWork } from '../harness/scan-work.js';

/** Only an identical direction scores 1; targets are drawn apart. */
const UNREACHED = 1;

export default defineCase<Kept>({
  name: 'scan',
  about: 'searchSync with a minScore that nothing reaches',
  axes: ['targets', 'length', 'dim', 'dtype', 'threads', 'cache'],

  prepare({ kleio, point, workload }) {
    const { length, dim, dtype, threads } = point;
    const table = kleio.EmbeddingTable.from(workload.history(point).values, { dim, dtype });
    const history = new kleio.History(table);
    history.append(Int32Array.from({ length }, (_, row) => row));
    const targets = workload.targets(point).values;
    return {
      call: () => history.searchSync(targets, { k: 1, minScore: UNREACHED, threads }),
      verify({ positions }) {
        if (positions.some((position) => position >= 0))
          throw new Error('scan: something was kept');
      },
      work: scanWork(point),
      close: () => table.close(),
    };
  },
});
