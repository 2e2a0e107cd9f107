// Searches and handles by the thousand: nothing may stay behind. Run with --expose-gc.
import { setImmediate as turn } from 'node:timers/promises';
import { leastGrowth } from './live-memory.mjs';
import { codes, subject } from './subject.mjs';

const SIZE = { rows: 400, dim: 32, length: 1000 };
const SEARCHES = 5000;
const CYCLES = 500;
const targets = codes(4 * SIZE.dim, 5);
const values = codes(SIZE.rows * SIZE.dim, 3);
const { history } = subject({ ...SIZE, values });

async function search() {
  for (let done = 0; done < SEARCHES; done += 20) {
    for (let index = 0; index < 10; ++index) history.searchSync(targets, { k: 20 });
    const running = Array.from({ length: 10 }, () => history.search(targets, { k: 20 }));
    await Promise.all(running);
  }
}

async function cycle() {
  for (let done = 0; done < CYCLES; ++done) {
    const made = subject({ ...SIZE, values });
    made.history.searchSync(targets, { k: 20 });
    made.history.close();
    made.table.close();
    if (done % 50 === 0) await turn();
  }
}

/** 32 bytes, the smallest block that malloc gives, of each search; a hundredth of what the handles took. */
const allowed = {
  searches: 32 * SEARCHES,
  cycles: (CYCLES * (values.byteLength + history.byteLength)) / 100,
};
const grown = {
  searches: await leastGrowth(search, allowed.searches),
  cycles: await leastGrowth(cycle, allowed.cycles),
};
process.stdout.write(JSON.stringify({ grown, allowed }));
