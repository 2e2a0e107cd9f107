/** What the cases of making histories share: behaviours by ids, in no order of the table. */

import type { EmbeddingTable, History } from '../../index.js';
import type { Setting } from './case.js';
import { ExactScores, requireSame } from './exact.js';
import { shuffled, uniformStream } from './uniform.js';

interface NamedBehaviours {
  readonly table: EmbeddingTable;
  readonly behaviours: BigInt64Array;
  /** Throws unless the history is of these behaviours. */
  verify(made: History): void;
}

export function namedBehaviours({ kleio, point, workload }: Setting): NamedBehaviours {
  const { length, dim, dtype, k } = point;
  const { values, numbers } = workload.history(point);
  const ids = BigInt64Array.from({ length }, (_, row) => 7n * BigInt(row));
  const table = kleio.EmbeddingTable.from(values, { dim, dtype, ids });
  const order = shuffled([...ids.keys()], uniformStream(workload.seed));
  const behaviours = BigInt64Array.from(order, (row) => ids[row]!);
  return {
    table,
    behaviours,
    verify(made) {
      const inOrder = numbers.map(
        (_, at) => numbers[order[Math.floor(at / dim)]! * dim + (at % dim)]!,
      );
      const target = inOrder.subarray(0, dim);
      const kept = made.searchSync(behaviours.subarray(0, 1), { k });
      requireSame('history', kept, 0, new ExactScores(inOrder, dim).topK(target, k));
    },
  };
}
