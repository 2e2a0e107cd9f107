// Ranks what the file of requests asks, with the instruction set of this process, and prints the bits.
import { readFileSync } from 'node:fs';
import { inspect, Ranker } from 'kleio';

const { weights, requests } = JSON.parse(readFileSync(process.env.RANK_REQUESTS, 'utf8'));
const ranker = await Ranker.open(weights);
const ids = (texts) => BigInt64Array.from(texts, BigInt);
const hexOf = ({ buffer }) => Buffer.from(buffer).toString('hex');

const answers = requests.map(({ items, categories, user, candidates, ...options }) => {
  const { probabilities, kept, interests } = ranker.rankSync({
    history: ranker.history(ids(items), { categories: ids(categories) }),
    user: ids(user),
    candidates: Object.fromEntries(
      Object.entries(candidates).map(([part, texts]) => [part, ids(texts)]),
    ),
    interests: true,
    ...options,
  });
  return {
    kept: hexOf(kept.positions) + hexOf(kept.scores),
    probabilities: Array.from(probabilities),
    interests: Array.from(interests),
  };
});
console.log(JSON.stringify({ isa: inspect().isa, answers }));
