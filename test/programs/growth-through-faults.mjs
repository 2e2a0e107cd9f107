// A table that grows on a device which fails somewhere: a call that is refused leaves everything as it was.
import { EmbeddingTable, History } from 'kleio';
import { codes, device } from './subject.mjs';

const [ROWS, DIM] = [200, 16];
const values = codes(2 * ROWS * DIM, 5);
const attempt = (call) => {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (!['ERR_KLEIO_OUT_OF_MEMORY', 'ERR_KLEIO_DEVICE'].includes(error.code)) throw error;
      failures += 1;
    }
  }
};

let failures = 0;
let wrong = 0;
const first = values.subarray(0, ROWS * DIM);
const there = EmbeddingTable.from(first, { dim: DIM });
const here = attempt(() => EmbeddingTable.from(first, { dim: DIM, device }));
const histories = [here, there].map((table) => attempt(() => new History(table)));
for (let row = 0; row < 2 * ROWS; row += 20) {
  if (row >= ROWS) {
    const later = values.subarray(row * DIM, (row + 20) * DIM);
    for (const table of [here, there]) table.append(later);
  }
  const rows = Int32Array.from({ length: 20 }, (_, at) => row + at);
  for (const history of histories) attempt(() => history.append(rows));
  const [found, expected] = histories.map((history) =>
    attempt(() => history.searchSync(rows, { k: 30 })),
  );
  if (`${found.positions} ${found.scores}` !== `${expected.positions} ${expected.scores}`)
    wrong += 1;
}
process.stdout.write(JSON.stringify({ failures, wrong }));
