// More searches than the queue holds: those too many are refused at once, the others answer.
// Run with KLEIO_QUEUE and KLEIO_THREADS.
import { codes, digest, subject } from './subject.mjs';

const { history } = subject({ rows: 10_000, dim: 64, length: 30_000 });
const targets = codes(100 * 64, 5);
const expected = digest(history.searchSync(targets, { k: 20 }));

const searches = Array.from({ length: 50 }, () => history.search(targets, { k: 20 }));
const outcomes = await Promise.allSettled(searches);
const refusals = outcomes.filter(({ status }) => status === 'rejected').map(({ reason }) => reason);
const answers = outcomes.filter(({ status }) => status === 'fulfilled');
const wrong = answers.filter(({ value }) => digest(value) !== expected).length;
// Once there is room again, searches are welcome again.
const afterwards = digest(await history.search(targets, { k: 20 })) === expected;
process.stdout.write(
  JSON.stringify({
    answered: answers.length,
    refused: refusals.length,
    codes: [...new Set(refusals.map(({ code }) => code))],
    message: refusals[0]?.message ?? '',
    wrong,
    afterwards,
  }),
);
