// Searches and handles by the thousand: nothing may stay behind. Run with --expose-gc.
import { setImmediate as turn } from 'node:timers/promises';
import { codes, subject } from './subject.mjs';

const SIZE = { rows: 400, dim: 32, length: 1000 };
const SEARCHES = 20_000;
const CYCLES = 2000;
const targets = codes(4 * SIZE.dim, 5);
const values = codes(SIZE.rows * SIZE.dim, 3);

async function rss() {
  for (let pass = 0; pass < 3; ++pass) {
    globalThis.gc();
    await turn();
  }
  return process.memoryUsage.rss();
}

async function search(history, count) {
  for (let done = 0; done < count; done += 20) {
    for (let index = 0; index < 10; ++index) history.searchSync(targets, { k: 20 });
    const running = Array.from({ length: 10 }, () => history.search(targets, { k: 20 }));
    await Promise.all(running);
  }
}

async function cycle(count) {
  for (let done = 0; done < count; ++done) {
    const { table, history } = subject({ ...SIZE, values });
    history.searchSync(targets, { k: 20 });
    history.close();
    table.close();
    if (done % 50 === 0) await turn();
  }
}

/** MiB by which `work(count)` grows the process, after a warm-up. */
async function growth(work, count) {
  await work(count / 4);
  const before = await rss();
  await work(count);
  return ((await rss()) - before) / 2 ** 20;
}

const { history } = subject({ ...SIZE, values });
const searches = await growth((count) => search(history, count), SEARCHES);
const cycles = await growth(cycle, CYCLES);
process.stdout.write(JSON.stringify({ searches, cycles }));
