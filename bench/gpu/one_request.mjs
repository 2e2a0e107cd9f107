// A search of one target, one of many and a ranking on a GPU, compared with the CPU: few enough launches
// for a checker that slows a kernel down a thousand times.
import { ok } from 'node:assert';
import { readFileSync } from 'node:fs';
import { EmbeddingTable, History, Ranker } from 'kleio';

const MODEL = 'test/golden/muse_a';
const CANDIDATES = 9;
const DIM = 32;
const MAX_ERROR = 2e-6; // of a probability

const values = Float32Array.from({ length: 500 * DIM }, (_, i) => Math.sin(i * i));
const rows = Int32Array.from({ length: 1500 }, (_, i) => (i * 7919) % 500);

/** The first ids of a tensor of the released case. */
function idsOf(name, count) {
  const file = readFileSync(`${MODEL}.case.safetensors`);
  const start = 8 + Number(file.readBigUInt64LE(0));
  const from = start + JSON.parse(file.subarray(8, start))[name].data_offsets[0];
  return BigInt64Array.from({ length: count }, (_, i) => file.readBigInt64LE(from + 8 * i));
}

function search(device, targets) {
  const history = new History(EmbeddingTable.from(values, { dim: DIM, device }));
  history.append(rows);
  return history.searchSync(values.subarray(0, targets * DIM), { k: 20 });
}

async function rank(device) {
  const ranker = await Ranker.open(`${MODEL}.weights.safetensors`, { device });
  const categories = idsOf('history_category', 1000);
  return ranker.rankSync({
    history: ranker.history(idsOf('history', 1000), { categories }),
    user: idsOf('user', 6),
    candidates: {
      items: idsOf('target', CANDIDATES),
      categories: idsOf('target_category', CANDIDATES),
      cities: idsOf('target_city', CANDIDATES),
      provinces: idsOf('target_province', CANDIDATES),
    },
  });
}

const same = (one, other) =>
  Buffer.compare(Buffer.from(one.buffer), Buffer.from(other.buffer)) === 0;

for (const targets of [1, 20]) {
  const [here, there] = ['cpu', 'cuda:0'].map((device) => search(device, targets));
  ok(same(here.positions, there.positions), 'other positions');
  ok(same(here.scores, there.scores), 'other scores');
}
const [here, there] = [await rank('cpu'), await rank('cuda:0')];
ok(here.kept.positions[0] >= 0 && same(here.kept.positions, there.kept.positions), 'others kept');
here.probabilities.forEach((probability, i) => {
  ok(Math.abs(probability - there.probabilities[i]) < MAX_ERROR, `candidate ${i}`);
});
