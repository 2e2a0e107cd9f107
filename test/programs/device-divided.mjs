// A search whose bounds alone, 4 bytes for every few rows and target, are several times what a sixteenth of
// the device holds: its targets are answered in parts, each as if it had been asked alone.
import { devices } from 'kleio';
import { codes, device, digest, subject } from './subject.mjs';

const SIZE = { rows: 6000, dim: 16, length: 6500 };
const TARGETS = 300;
const K = 1000;
const targets = codes(TARGETS * SIZE.dim, 5);

const { history, table } = subject(SIZE);
const whole = history.searchSync(targets, { k: K });
let same = table.device === device;
for (const target of [0, 151, TARGETS - 1]) {
  const embedding = targets.slice(target * SIZE.dim, (target + 1) * SIZE.dim);
  const positions = whole.positions.slice(target * K, (target + 1) * K);
  const scores = whole.scores.slice(target * K, (target + 1) * K);
  same &&= digest(history.searchSync(embedding, { k: K })) === digest({ positions, scores });
}
const { usage } = devices().find(({ name }) => name === device);
process.stdout.write(JSON.stringify({ same, cpuSearches: usage.cpuSearches }));
