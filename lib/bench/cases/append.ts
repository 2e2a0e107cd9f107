/** Making a history: looking up the ids of its behaviours, packing what a scan reads of each item. */

import type { History } from '../../index.js';
import { defineCase } from '../harness/case.js';
import { ExactScores, requireSame } from '../harness/exact.js';
import { shuffled, uniformStream } from '../harness/uniform.js';

export default defineCase<History>({
  name: 'append',
  about: 'a new History with one append of ids in no order of the table; the one before is closed',
  axes: ['length', 'dim', 'dtype'],

  prepare({ kleio, point, workload }) {
    const { length, dim, dtype, k } = point;
    const { values, numbers } = workload.history(point);
    const ids = BigInt64Array.from({ length }, (_, row) => 7n * BigInt(row));
    const table = kleio.EmbeddingTable.from(values, { dim, dtype, ids });
    const order = shuffled([...ids.keys()], uniformStream(workload.seed));
    const behaviours = BigInt64Array.from(order, (row) => ids[row]!);
    let history = new kleio.History(table);
    return {
      call() {
        history.close();
        history = new kleio.History(table);
        history.append(behaviours);
        return history;
      },
      verify(made) {
        const inOrder = numbers.map(
          (_, at) => numbers[order[Math.floor(at / dim)]! * dim + (at % dim)]!,
        );
        const target = inOrder.subarray(0, dim);
        const kept = made.searchSync(behaviours.subarray(0, 1), { k });
        requireSame('append', kept, 0, new ExactScores(inOrder, dim).topK(target, k));
      },
      close: () => table.close(),
    };
  },
});
