// More searches than the queue holds, while the only thread of the pool is taken: those too many are
// refused at once, and who leaves the queue makes room. Run with KLEIO_QUEUE=4 and KLEIO_THREADS=1.
import { holdThread } from './held-thread.mjs';
import { codes, digest, subject } from './subject.mjs';

const { history } = subject({ rows: 1000, dim: 64, length: 3000 });
const targets = codes(10 * 64, 5);
const expected = digest(history.searchSync(targets, { k: 20 }));
const ask = (count, signal) =>
  Array.from({ length: count }, () => history.search(targets, { k: 20, signal }));

const { held, release } = await holdThread();
const controller = new AbortController();
const leaving = ask(3, controller.signal);
const staying = ask(1);
const refused = await Promise.allSettled(ask(50));
controller.abort();
const left = await Promise.allSettled(leaving);
const coming = ask(3);
const later = await Promise.allSettled(ask(2));
release();
await held.catch(() => undefined);
const answered = await Promise.all([...staying, ...coming]);
// Once there is room again, searches are welcome again.
const afterwards = digest(await history.search(targets, { k: 20 })) === expected;
const reasonsOf = (outcomes, of) => outcomes.map(({ reason }) => reason?.[of] ?? 'none');
process.stdout.write(
  JSON.stringify({
    refused: [...new Set(reasonsOf(refused, 'code'))],
    message: refused[0].reason?.message ?? '',
    left: reasonsOf(left, 'name'),
    later: reasonsOf(later, 'code'),
    answered: answered.length,
    wrong: answered.filter((kept) => digest(kept) !== expected).length,
    afterwards,
  }),
);
