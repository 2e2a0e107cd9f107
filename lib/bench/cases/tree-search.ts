/** Retrieval over an index tree of all items, by the means of its nodes: no scorer, no history. */

import type { Retrieved } from '../../index.js';
import { defineCase } from '../harness/case.js';

export default defineCase<Retrieved>({
  name: 'tree-search',
  about: 'IndexTree.search: a beam over a tree of `length` items, twice as wide as the k wanted',
  axes: ['length', 'dim', 'k', 'dtype'],

  async prepare({ kleio, point, workload }) {
    const { dim, dtype, k } = point;
    const items = workload.history(point);
    const table = kleio.EmbeddingTable.from(items.values, { dim, dtype });
    const tree = await kleio.IndexTree.build(table, { seed: workload.seed });
    const user = Float32Array.from(workload.targets({ targets: 1, dim, dtype }).numbers);
    const scoreOf = (item: number) =>
      user.reduce((sum, value, d) => sum + value * items.numbers[item * dim + d]!, 0);
    return {
      call: () => tree.search({ user, beam: 2 * k, n: k }),
      verify({ items: found, logits }) {
        if (new Set(found).size !== k) throw new Error('tree-search: not k different items');
        for (const [place, item] of found.entries()) {
          const error = Math.abs(scoreOf(Number(item)) - logits[place]!);
          if (error > 1e-4 * Math.abs(logits[place]!) + 1e-4)
            throw new Error(`tree-search: item ${item} has another score`);
          if (place > 0 && logits[place]! > logits[place - 1]!)
            throw new Error('tree-search: not the best first');
        }
      },
      close() {
        tree.close();
        table.close();
      },
    };
  },
});
