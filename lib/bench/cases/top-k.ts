/** The stateless search: what one call costs that must read and prepare everything itself. */

import type { Kept } from '../../index.js';
import { defineCase } from '../harness/case.js';
import { ExactScores, requireSame } from '../harness/exact.js';

export default defineCase<Kept>({
  name: 'top-k',
  about: 'topK: targets and history straight from typed arrays',
  axes: ['targets', 'length', 'dim', 'k', 'dtype', 'cache'],

  prepare({ kleio, point, workload }) {
    const { length, dim, k, dtype } = point;
    const rows = workload.history(point);
    const targets = workload.targets(point);
    return {
      call: () => kleio.topK(targets.values, rows.values, { dim, k, dtype }),
      verify(kept) {
        const exact = new ExactScores(rows.numbers, dim);
        requireSame('top-k', kept, 0, exact.topK(targets.numbers.subarray(0, dim), k));
      },
      work: {
        bytes: length * dim * rows.values.BYTES_PER_ELEMENT,
        int8: 2 * point.targets * length * dim,
      },
      close() {},
    };
  },
});
