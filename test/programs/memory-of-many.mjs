// What each of very many small histories takes of the process: all told, outside of JavaScript's heap, and what
// it says. Run with --expose-gc and KLEIO_TEST_MANY.
import { setTimeout as wait } from 'node:timers/promises';
import { EmbeddingTable, History } from 'kleio';
import { collected, nativeBytes, privateBytes } from './live-memory.mjs';
import { codes } from './subject.mjs';

const { histories: count, behaviours, dim } = JSON.parse(process.env.KLEIO_TEST_MANY);
const ROWS = 1000;
const table = EmbeddingTable.from(codes(ROWS * dim, 3), { dim });
const rows = Int32Array.from({ length: ROWS + behaviours }, (_, at) => (97 * at) % ROWS);
const filled = (index) => {
  const history = new History(table);
  history.append(rows.subarray(index % ROWS, (index % ROWS) + behaviours));
  return history;
};

const histories = new Array(count);
filled(0).close();
await collected();
const before = { native: nativeBytes(), all: privateBytes() };
for (let index = 0; index < count; ++index) histories[index] = filled(index);
await collected();
const each = (nativeBytes() - before.native) / count;
const all = (privateBytes() - before.all) / count;
const { byteLength, distinct } = histories[0];
for (const history of histories) history.close();
histories.length = 0;
// On a busy machine the threads that give memory back wait for their turn.
let left = Number.POSITIVE_INFINITY;
for (let quarters = 0; quarters < 40 && left > 250; ++quarters) {
  await collected();
  await wait(250);
  left = (nativeBytes() - before.native) / count;
}
process.stdout.write(JSON.stringify({ each, all, byteLength, distinct, left }));
