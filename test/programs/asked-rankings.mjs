// What the file of RANK_REQUESTS asks: a model and rankings by it. Ids stand there as texts.
import { readFileSync } from 'node:fs';

export const { weights, requests } = JSON.parse(readFileSync(process.env.RANK_REQUESTS, 'utf8'));

export const ids = (texts) => BigInt64Array.from(texts, BigInt);

/** One of them, as a ranker takes it. */
export const requestOf = (ranker, { items, categories, user, candidates, ...options }) => ({
  history: ranker.history(ids(items), { categories: ids(categories) }),
  user: ids(user),
  candidates: Object.fromEntries(
    Object.entries(candidates).map(([part, texts]) => [part, ids(texts)]),
  ),
  ...options,
});
