// Ranks what the file of requests asks on the tested device, request by request and all at once, and
// prints the bits and what lies on the device.
import { readFileSync } from 'node:fs';
import { devices, Ranker } from 'kleio';

const device = process.env.KLEIO_TEST_DEVICE;
const { weights, requests } = JSON.parse(readFileSync(process.env.RANK_REQUESTS, 'utf8'));
const ranker = await Ranker.open(weights, { device });
const ids = (texts) => BigInt64Array.from(texts, BigInt);
const hexOf = ({ buffer, byteOffset, byteLength }) =>
  Buffer.from(buffer, byteOffset, byteLength).toString('hex');

const asked = requests.map(({ items, categories, user, candidates, ...options }) => ({
  history: ranker.history(ids(items), { categories: ids(categories) }),
  user: ids(user),
  candidates: Object.fromEntries(
    Object.entries(candidates).map(([part, texts]) => [part, ids(texts)]),
  ),
  interests: true,
  ...options,
}));
const bitsOf = ({ probabilities, kept, interests }) =>
  [probabilities, kept.positions, kept.scores, interests].map(hexOf);
const alone = asked.map((request) => bitsOf(ranker.rankSync(request)));
const together = (await ranker.rankMany(asked)).map(bitsOf);
const { usage } = devices().find(({ name }) => name === device);
console.log(JSON.stringify({ alone, together, tableBytes: usage.tableBytes }));
