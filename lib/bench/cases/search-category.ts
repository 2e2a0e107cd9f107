/** The search unit `category` (SIM-hard): the K newest behaviours of the target's category. */

import type { Kept } from '../../index.js';
import { defineCase } from '../harness/case.js';

const CATEGORIES = 500;
const categoryOf = (position: number): number => (position * 7919) % CATEGORIES;

export default defineCase<Kept>({
  name: 'search-category',
  about: "searchSync by category: the newest of the target's own",
  axes: ['targets', 'length', 'k', 'threads', 'cache'],

  prepare({ kleio, point: { targets, length, k, threads } }) {
    const table = kleio.EmbeddingTable.from(Int8Array.of(1), { dim: 1 });
    const history = new kleio.History(table);
    const categories = Int32Array.from({ length }, (_, position) => categoryOf(position));
    history.append(new Int32Array(length), { categories: BigInt64Array.from(categories, BigInt) });
    const asked = BigInt64Array.from({ length: targets }, (_, at) => BigInt(at % CATEGORIES));
    return {
      call: () => history.searchSync(undefined, { k, by: 'category', categories: asked, threads }),
      verify({ positions }) {
        for (let index = 0; index < targets; ++index) {
          let place = index * k;
          for (let position = length - 1; position >= 0 && place < (index + 1) * k; --position) {
            if (categories[position] !== index % CATEGORIES) continue;
            if (positions[place] === position) ++place;
            else throw new Error(`search-category: place ${place} is not position ${position}`);
          }
        }
      },
      close: () => table.close(),
    };
  },
});
