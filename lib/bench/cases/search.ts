/** The general search unit: the K most similar of a history in which no item repeats. */

import { isEmbeddingUnit } from '../../histories/search-units.js';
import type { Kept } from '../../index.js';
import { defineCase } from '../harness/case.js';
import { affordableTargets, ExactScores, requireSame } from '../harness/exact.js';
import { scanWork } from '../harness/scan-work.js';

export default defineCase<Kept>({
  name: 'search',
  about: 'searchSync by cosine or dot over a history without repeats',
  axes: ['targets', 'length', 'dim', 'k', 'dtype', 'unit', 'threads', 'device', 'cache'],

  prepare({ kleio, point, workload }) {
    const { targets: count, length, dim, k, dtype, unit, threads, device } = point;
    if (!isEmbeddingUnit(unit)) throw new Error('the case of this unit is search-category');
    const rows = workload.history(point);
    const targets = workload.targets(point);
    const place = device === 'cpu' ? {} : { device: device as 'cpu' };
    const table = kleio.EmbeddingTable.from(rows.values, { dim, dtype, ...place });
    const history = new kleio.History(table);
    history.append(Int32Array.from({ length }, (_, row) => row));
    return {
      call: () => history.searchSync(targets.values, { k, by: unit, threads }),
      verify(kept) {
        const exact = new ExactScores(rows.numbers, dim, unit);
        for (let index = 0; index < affordableTargets(count, length * dim); ++index) {
          const target = targets.numbers.subarray(index * dim, (index + 1) * dim);
          requireSame('search', kept, index, exact.topK(target, k));
        }
      },
      work: scanWork(point),
      close: () => table.close(),
    };
  },
});
