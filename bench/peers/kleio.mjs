// kleio over a table whose every row is one behaviour: no repeats to save it work.
import { EmbeddingTable, History } from '../../dist/index.js';

export function kleio({ values, dim, k, threads }) {
  const table = EmbeddingTable.from(values, { dim });
  const history = new History(table);
  history.append(Int32Array.from({ length: table.rows }, (_, row) => row));
  return {
    name: `kleio ${table.dtype}`,
    search: (targets) => history.searchSync(targets, { k, threads }),
    close() {
      history.close();
      table.close();
    },
  };
}
