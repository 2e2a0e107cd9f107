// kleio's ranker over one user's history.
import { Ranker } from '../../dist/index.js';
import { logitsOf } from '../logits.mjs';

export async function kleioRanker({ user, similarityValues, threads }) {
  const weights = user.weights(similarityValues);
  const ranker = await Ranker.open(weights, { threads });
  const history = ranker.history(...user.history);
  const request = (count) => ({ history, user: user.user, candidates: user.some(count) });
  return {
    name: `kleio ${similarityValues instanceof Int8Array ? 'int8' : 'float32'}`,
    rank: (count) => ranker.rank(request(count)),
    /** The general search unit alone, on the same history. */
    search: (count, k = user.k) => history.search(user.some(count).items, { k, threads }),
    logits: (count) => logitsOf(ranker, request(count), weights),
    close() {
      history.close();
      ranker.close();
    },
  };
}
