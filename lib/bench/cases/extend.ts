/** A search asked again after ten appends: pages of one session, candidates ranked anew. */

import type { ExtendableKept } from '../../index.js';
import { defineCase } from '../harness/case.js';
import { requireSame } from '../harness/exact.js';
import { uniformStream } from '../harness/uniform.js';

export default defineCase<ExtendableKept>({
  name: 'extend',
  about: 'ten appends and extendSync of a search of a history in which 40 % repeat items',
  axes: ['targets', 'length', 'dim', 'k', 'dtype', 'unit', 'threads', 'cache'],

  prepare({ kleio, point, workload }) {
    const { length, dim, k, dtype, unit: by, threads } = point;
    const items = Math.ceil(length * 0.6);
    const { values } = workload.history({ length: items, dim, dtype });
    const table = kleio.EmbeddingTable.from(values, { dim, dtype });
    const history = new kleio.History(table);
    history.append(Int32Array.from({ length }, (_, at) => at % items));
    const targets = workload.targets(point).values;
    const uniform = uniformStream(workload.seed);
    let kept = history.searchSync(targets, { k, by, threads, extendable: true });
    return {
      call() {
        history.append(Int32Array.from({ length: 10 }, () => Math.floor(uniform() * items)));
        kept = kept.extendSync();
        return kept;
      },
      verify(extended) {
        const { positions, scores } = history.searchSync(targets, { k, by, threads });
        const anew = Array.from(positions, (position, at) => ({ position, score: scores[at]! }));
        for (let index = 0; index < point.targets; ++index) {
          requireSame('extend', extended, index, anew.slice(index * k, (index + 1) * k));
        }
      },
      close: () => table.close(),
    };
  },
});
