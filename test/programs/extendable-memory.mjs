// Extendable answers by the hundred: what each keeps goes with it, or with its history. Run with --expose-gc.
import { setImmediate as turn } from 'node:timers/promises';
import { leastGrowth } from './live-memory.mjs';
import { codes, subject } from './subject.mjs';

const SIZE = { rows: 400, dim: 64, length: 1000 };
const ANSWERS = 100;
// Far more of targets than of results.
const targets = codes(2000 * SIZE.dim, 5);
const asked = { k: 1, extendable: true };
const { history } = subject(SIZE);

async function drop() {
  for (let made = 0; made < ANSWERS; ++made) {
    const kept = history.searchSync(targets, asked);
    kept.extendSync();
    await kept.extend();
    if (made % 10 === 0) await turn();
  }
}

const held = [];

/** Answers that are held on, of a history that is closed. */
function close() {
  const other = subject(SIZE);
  for (let made = 0; made < ANSWERS; ++made) held.push(other.history.searchSync(targets, asked));
  other.history.close();
  other.table.close();
}

const dropped = await leastGrowth(drop, 2 ** 19);
const closed = await leastGrowth(close, ANSWERS * 2 ** 16);
console.log(
  JSON.stringify({
    dropped: Math.max(dropped.live, dropped.native),
    closed: Math.max(closed.live, closed.native),
    held: held.length,
  }),
);
