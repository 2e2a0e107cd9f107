// A ranker on a device that may fail at any moment, each step tried twice; prints the codes of what
// failed and a digest of every ranking.
import { devices, Ranker } from 'kleio';
import { requestOf, requests, weights } from './asked-rankings.mjs';
import { codes, twice, unusable } from './second-tries.mjs';
import { device, digest } from './subject.mjs';

const digests = [];
const ranker = await twice(() => Ranker.open(weights, { device }));
for (const asked of ranker ? requests : []) {
  const request = requestOf(ranker, asked);
  const ranking = await twice(() => ranker.rank(request));
  digests.push(ranking && `${digest(ranking.kept)} ${ranking.probabilities.join()}`);
}
ranker?.close();
const { usage } = devices().find(({ name }) => name === device);
process.stdout.write(
  JSON.stringify({ codes, unusable: unusable(), digests, lost: usage?.lost ?? false }),
);
