/** A search asked again after some appends: pages of one session, candidates ranked anew. */

import { isEmbeddingUnit } from '../../histories/search-units.js';
import type { ExtendableKept } from '../../index.js';
import { defineCase } from '../harness/case.js';
import { uniformStream } from '../harness/uniform.js';

/** Behaviours between two askings. */
const APPENDED = 10;
/** Of all behaviours those that do not repeat an item. */
const DISTINCT_SHARE = 0.6;

export default defineCase<ExtendableKept>({
  name: 'extend',
  about: `extendSync of a search, ${APPENDED} behaviours having been appended; of its history 40 % repeat items`,
  axes: ['targets', 'length', 'dim', 'k', 'dtype', 'unit', 'threads', 'cache'],

  prepare({ kleio, point, workload }) {
    const { length, dim, k, dtype, unit, threads } = point;
    if (!isEmbeddingUnit(unit)) throw new Error('a search by category is quick anew');
    const items = Math.max(1, Math.floor(length * DISTINCT_SHARE));
    const table = kleio.EmbeddingTable.from(
      workload.history({ length: items, dim, dtype }).values,
      { dim, dtype },
    );
    const history = new kleio.History(table);
    history.append(Int32Array.from({ length }, (_, at) => at % items));
    const targets = workload.targets(point).values;
    const uniform = uniformStream(workload.seed);
    const asked = { k, by: unit, threads } as const;
    let kept = history.searchSync(targets, { ...asked, extendable: true });
    return {
      call() {
        history.append(Int32Array.from({ length: APPENDED }, () => Math.floor(uniform() * items)));
        kept = kept.extendSync();
        return kept;
      },
      verify(extended) {
        const anew = history.searchSync(targets, asked);
        for (let place = 0; place < anew.positions.length; ++place) {
          if (
            extended.positions[place] === anew.positions[place] &&
            Object.is(extended.scores[place], anew.scores[place])
          ) {
            continue;
          }
          throw new Error(
            `extend: place ${place} is position ${extended.positions[place]} with ${extended.scores[place]}, anew ` +
              `position ${anew.positions[place]} with ${anew.scores[place]}`,
          );
        }
      },
      close: () => table.close(),
    };
  },
});
