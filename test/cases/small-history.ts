/** A small history with something of everything: unknown and removed items, categories, times. */
import { EmbeddingTable, History } from 'kleio';

export const ids = (...of: number[]) => BigInt64Array.from(of, BigInt);
export const tableOf = (values: number[], named?: number[]) =>
  EmbeddingTable.from(Int8Array.from(values), {
    dim: 2,
    ...(named === undefined ? {} : { ids: ids(...named) }),
  });

export const TABLE = tableOf([3, 4, -4, 3, 1, 0], [1, 2, 3]);

export function drawn(): History {
  const history = new History(TABLE);
  history.append(ids(1, 2, 99, 1, 3), {
    categories: ids(5, 6, 7, 8, 9),
    times: Float64Array.of(1, 2, 3, 4, 5),
  });
  history.remove({ sequences: Float64Array.of(1) });
  return history;
}
