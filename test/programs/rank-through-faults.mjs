// A ranker on a device that may fail at any moment, each step tried twice; prints the codes of what
// failed and a digest of every ranking.
import { readFileSync } from 'node:fs';
import { devices, Ranker } from 'kleio';
import { device, digest } from './subject.mjs';

const { weights, requests } = JSON.parse(readFileSync(process.env.RANK_REQUESTS, 'utf8'));
const codes = [];
let unusable = 0;

/** What the second try gives; undefined if it fails too. */
async function twice(attempt) {
  for (let tries = 0; tries < 2; ++tries) {
    try {
      return await attempt();
    } catch (error) {
      codes.push(error.code);
    }
  }
  ++unusable;
  return undefined;
}

const ids = (texts) => BigInt64Array.from(texts, BigInt);
const digests = [];
const ranker = await twice(() => Ranker.open(weights, { device }));
for (const { items, categories, user, candidates, ...options } of ranker ? requests : []) {
  const request = {
    history: ranker.history(ids(items), { categories: ids(categories) }),
    user: ids(user),
    candidates: Object.fromEntries(
      Object.entries(candidates).map(([part, texts]) => [part, ids(texts)]),
    ),
    ...options,
  };
  const ranking = await twice(() => ranker.rank(request));
  digests.push(ranking && `${digest(ranking.kept)} ${ranking.probabilities.join()}`);
}
ranker?.close();
const { usage } = devices().find(({ name }) => name === device);
process.stdout.write(JSON.stringify({ codes, unusable, digests, lost: usage?.lost ?? false }));
