// sqlite-vec: exact search in float32 inside SQLite, one thread, by way of better-sqlite3.
import Database from 'better-sqlite3';
import { getLoadablePath } from 'sqlite-vec';

export default [{ name: 'sqlite-vec', package: 'sqlite-vec', slow: true, open }];

function open({ history, dim, k }) {
  const database = new Database(':memory:');
  database.loadExtension(getLoadablePath());
  database.exec(
    `create virtual table behaviours using vec0(embedding float[${dim}] distance_metric=cosine)`,
  );
  const insert = database.prepare('insert into behaviours(rowid, embedding) values (?, ?)');
  database.transaction(() => {
    for (let row = 0; row < history.length / dim; ++row) {
      insert.run(BigInt(row), bytesOf(history.subarray(row * dim, (row + 1) * dim)));
    }
  })();
  const nearest = database
    .prepare('select rowid, distance from behaviours where embedding match ? and k = ?')
    .raw();
  return {
    search(targets) {
      const count = targets.length / dim;
      const positions = new Int32Array(count * k);
      const scores = new Float32Array(count * k);
      for (let target = 0; target < count; ++target) {
        const row = targets.subarray(target * dim, (target + 1) * dim);
        nearest.all(bytesOf(row), k).forEach(([position, distance], place) => {
          positions[target * k + place] = position;
          scores[target * k + place] = 1 - distance;
        });
      }
      return { positions, scores };
    },
    close: () => database.close(),
  };
}

const bytesOf = (row) => Buffer.from(row.buffer, row.byteOffset, row.byteLength);
