// Ranks what the file of requests asks on the tested device, request by request and all at once, and
// prints the bits and what lies on the device.
import { devices, Ranker } from 'kleio';
import { requestOf, requests, weights } from './asked-rankings.mjs';

const device = process.env.KLEIO_TEST_DEVICE;
const ranker = await Ranker.open(weights, { device });
const hexOf = ({ buffer, byteOffset, byteLength }) =>
  Buffer.from(buffer, byteOffset, byteLength).toString('hex');

const asked = requests.map((request) => ({ interests: true, ...requestOf(ranker, request) }));
const bitsOf = ({ probabilities, kept, interests }) =>
  [probabilities, kept.positions, kept.scores, interests].map(hexOf);
const alone = asked.map((request) => bitsOf(ranker.rankSync(request)));
const together = (await ranker.rankMany(asked)).map(bitsOf);
const { usage } = devices().find(({ name }) => name === device);
console.log(JSON.stringify({ alone, together, tableBytes: usage.tableBytes }));
