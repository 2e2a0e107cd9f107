// Tables, histories, searches and a ranking on a device that may fail at any moment; after a failure
// the same is tried again, and the CPU answers throughout.
import { devices, EmbeddingTable, History, Ranker } from 'kleio';
import { codes as failed, twice, unusable } from './second-tries.mjs';
import { codes, device, digest } from './subject.mjs';

const ROWS = 500;
const DIM = 16;
const values = codes(ROWS * DIM, 3);
const targets = codes(5 * DIM, 4);
const length = Number(process.env.KLEIO_TEST_LENGTH ?? 2000);
const rows = Int32Array.from({ length }, (_, index) => (index * 7919) % ROWS);
let wrong = 0;

const onCpu = new History(EmbeddingTable.from(values, { dim: DIM }));
const table = await twice(() => EmbeddingTable.from(values, { dim: DIM, device }));
const histories = table === undefined ? [] : [new History(table), new History(table)];
for (let step = 0; step < Number(process.env.KLEIO_TEST_STEPS); ++step) {
  for (const history of [onCpu, ...histories]) history.append(rows);
  const expected = digest(onCpu.searchSync(targets, { k: 7 }));
  for (const history of histories) {
    const kept = await twice(() => history.search(targets, { k: 7 }));
    if (kept !== undefined && digest(kept) !== expected) ++wrong;
  }
}
const weights = new URL('../golden/muse_a.weights.safetensors', import.meta.url);
const ranker = await twice(() => Ranker.open(weights, { device }));
ranker?.close();
const { usage } = devices().find(({ name }) => name === device);
process.stdout.write(
  JSON.stringify({ codes: failed, wrong, unusable: unusable(), lost: usage?.lost ?? false }),
);
