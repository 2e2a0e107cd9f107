// Handles that nobody holds are collected while their searches run: the searches still answer, and the
// memory comes back. Run with --expose-gc and KLEIO_TEST_ROUNDS.
import { setImmediate as turn } from 'node:timers/promises';
import { leastGrowth } from './live-memory.mjs';
import { codes, digest, subject } from './subject.mjs';

const AT_ONCE = 10;
const ROUNDS = Number(process.env.KLEIO_TEST_ROUNDS);
const size = { rows: 4000, dim: 128, length: 10_000 };
const values = codes(size.rows * size.dim, 1);
const targets = codes(20 * size.dim, 5);
const expected = subject({ ...size, values });
const answer = digest(expected.history.searchSync(targets, { k: 20 }));

function searchOf() {
  return subject({ ...size, values }).history.search(targets, { k: 20 });
}

async function rounds() {
  for (let round = 0; round < ROUNDS; ++round) {
    const answers = Array.from({ length: AT_ONCE }, searchOf);
    globalThis.gc();
    await turn();
    globalThis.gc();
    for (const kept of await Promise.all(answers)) {
      if (digest(kept) !== answer) throw new Error('another answer');
    }
  }
}

const handle = values.byteLength + expected.history.byteLength;
const taken = ROUNDS * AT_ONCE * handle;
process.stdout.write(JSON.stringify({ grown: await leastGrowth(rounds, handle), handle, taken }));
