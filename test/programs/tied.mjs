// Searches of a history whose scores are all equal, so that every row is visited: how many were answered
// otherwise than on the CPU, and how often a buffer of keys was full.
import { devices, EmbeddingTable, History } from 'kleio';
import { device, digest } from './subject.mjs';

const ROWS = 600;
const DIM = 32;
const TARGETS = 6;
const values = new Int8Array(ROWS * DIM).fill(3);
const [there, here] = [device, 'cpu'].map((place) => {
  const history = new History(EmbeddingTable.from(values, { dim: DIM, device: place }));
  history.append(Int32Array.from({ length: ROWS }, (_, i) => (i * 7) % ROWS));
  return history;
});

let wrong = 0;
for (const k of [1, 20, 40]) {
  const targets = new Int8Array(TARGETS * DIM).fill(k);
  const [found, expected] = [there, here].map((history) => history.searchSync(targets, { k }));
  if (digest(found) !== digest(expected)) ++wrong;
}
const { compactions } = devices().find(({ name }) => name === device).usage;
process.stdout.write(JSON.stringify({ wrong, compactions }));
