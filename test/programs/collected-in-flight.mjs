// Handles that nobody holds are collected while their searches run: the searches still answer, and the
// memory comes back. Run with --expose-gc.
import { setImmediate as turn } from 'node:timers/promises';
import { codes, digest, subject } from './subject.mjs';

const size = { rows: 4000, dim: 128, length: 10_000 };
const targets = codes(20 * size.dim, 5);
const expected = digest(subject(size).history.searchSync(targets, { k: 20 }));

function searchOf() {
  return subject(size).history.search(targets, { k: 20 });
}

async function round() {
  const answers = Array.from({ length: 10 }, searchOf);
  globalThis.gc();
  await turn();
  globalThis.gc();
  for (const kept of await Promise.all(answers)) {
    if (digest(kept) !== expected) throw new Error('another answer');
  }
  globalThis.gc();
  await turn();
}

for (let warm = 0; warm < 10; ++warm) await round();
const before = process.memoryUsage.rss();
for (let rounds = 0; rounds < 40; ++rounds) await round();
const grownMiB = (process.memoryUsage.rss() - before) / 2 ** 20;
process.stdout.write(JSON.stringify({ grownMiB }));
