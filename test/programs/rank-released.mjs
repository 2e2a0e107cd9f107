// Ranks what the file of requests asks, with the instruction set of this process, and prints the bits.
import { inspect, Ranker } from 'kleio';
import { requestOf, requests, weights } from './asked-rankings.mjs';

const ranker = await Ranker.open(weights);
const hexOf = ({ buffer }) => Buffer.from(buffer).toString('hex');

const answers = requests.map((request) => {
  const { probabilities, kept, interests } = ranker.rankSync({
    interests: true,
    ...requestOf(ranker, request),
  });
  return {
    kept: hexOf(kept.positions) + hexOf(kept.scores),
    probabilities: Array.from(probabilities),
    interests: Array.from(interests),
  };
});
console.log(JSON.stringify({ isa: inspect().isa, answers }));
