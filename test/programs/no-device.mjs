// Asks for a device on a machine that has none to offer.
import { devices, EmbeddingTable, inspect, topK } from 'kleio';

let refused = {};
try {
  EmbeddingTable.from(Int8Array.of(1, 2), { dim: 2, device: 'cuda' });
} catch ({ code, message }) {
  refused = { code, message };
}
const { available, reason } = inspect().cuda;
const names = devices().map(({ name }) => name);
const { positions } = topK(Int8Array.of(3, 4), Int8Array.of(4, 3, 3, 4), { dim: 2, k: 2 });
process.stdout.write(
  JSON.stringify({ available, reason, names, ...refused, kept: [...positions] }),
);
