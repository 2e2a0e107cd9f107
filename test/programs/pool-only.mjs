// Every call that is asynchronous, made while the only thread of the pool is taken: which of them wait
// for it, and which were answered once it was free. Run with KLEIO_THREADS=1 and KLEIO_QUEUE=16.
import { setImmediate as turn } from 'node:timers/promises';
import { History, IndexTree, Ranker, searchMany } from 'kleio';
import { holdThread, isPending } from './held-thread.mjs';
import { codes, subject } from './subject.mjs';

const ids = (...numbers) => BigInt64Array.from(numbers, BigInt);
const { table, history } = subject({ rows: 300, dim: 16, length: 900 });
const targets = codes(3 * 16, 5);
const ranker = await Ranker.open(process.env.RANKER_WEIGHTS);
const request = {
  history: ranker.history(ids(1, 2, 3)),
  user: ids(1, 1, 2, 3, 4, 5),
  candidates: { items: ids(1, 7), categories: ids(1, 2), cities: ids(1, 1), provinces: ids(1, 1) },
};
const tree = await IndexTree.build(table);
const user = new Float32Array(16).fill(1);

const { held, release } = await holdThread();
const calls = {
  'History#search': history.search(targets, { k: 5 }),
  searchMany: searchMany([{ history, targets, k: 5 }]),
  'History.build': History.build(table, Int32Array.of(1, 2, 3)),
  'Ranker#rank': ranker.rank(request),
  'Ranker#rankMany': ranker.rankMany([request, request]),
  'Ranker#buildHistory': ranker.buildHistory(ids(1, 2, 3)),
  'IndexTree.build': IndexTree.build(table),
  'IndexTree#search': tree.search({ user, beam: 5, n: 3 }),
  'IndexTree#quality': tree.quality(),
};
for (let turns = 0; turns < 20; ++turns) await turn();
const waiting = [];
for (const [name, call] of Object.entries(calls)) if (await isPending(call)) waiting.push(name);
release();
await held.catch(() => undefined);
const outcomes = await Promise.allSettled(Object.values(calls));
const answered = outcomes.filter(({ status }) => status === 'fulfilled').length;
process.stdout.write(JSON.stringify({ calls: Object.keys(calls), waiting, answered }));
