// What each of very many small histories takes of the process, beside what it says. Run with --expose-gc.
import { setTimeout as wait } from 'node:timers/promises';
import { EmbeddingTable, History } from 'kleio';
import { collected, nativeBytes } from './live-memory.mjs';
import { codes } from './subject.mjs';

const HISTORIES = 100_000;
const table = EmbeddingTable.from(codes(1000 * 64, 3), { dim: 64 });
const filled = (index) => {
  const history = new History(table);
  history.append(Int32Array.from({ length: 10 }, (_, at) => (index + 97 * at) % 1000));
  return history;
};

const histories = new Array(HISTORIES);
filled(0).close();
await collected();
const before = nativeBytes();
for (let index = 0; index < HISTORIES; ++index) histories[index] = filled(index);
await collected();
const each = (nativeBytes() - before) / HISTORIES;
const { byteLength } = histories[0];
for (const history of histories) history.close();
histories.length = 0;
// On a busy machine the threads that give memory back wait for their turn.
let left = Number.POSITIVE_INFINITY;
for (let quarters = 0; quarters < 40 && left > 0.1 * each; ++quarters) {
  await collected();
  await wait(250);
  left = (nativeBytes() - before) / HISTORIES;
}
process.stdout.write(JSON.stringify({ each, byteLength, left }));
