// A search that cannot be answered before its time is over: the only thread of the pool is taken until
// then. Run with KLEIO_THREADS=1 and KLEIO_QUEUE=4.
import { holdThread } from './held-thread.mjs';
import { codes, digest, subject } from './subject.mjs';

const { history } = subject({ rows: 1000, dim: 64, length: 3000 });
const targets = codes(10 * 64, 5);
const expected = digest(history.searchSync(targets, { k: 20 }));
const { held, release } = await holdThread();
const search = history.search(targets, { k: 20, signal: AbortSignal.timeout(1) });
const name = await search.catch((reason) => reason.name);
release();
await held.catch(() => undefined);
const afterwards = digest(await history.search(targets, { k: 20 })) === expected;
process.stdout.write(JSON.stringify({ name, afterwards }));
