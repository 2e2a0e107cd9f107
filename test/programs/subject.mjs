// A table, a history and targets of any size, the same for the same seed, on KLEIO_TEST_DEVICE.
import { EmbeddingTable, History } from 'kleio';

/** Where the tables lie. */
export const device = process.env.KLEIO_TEST_DEVICE ?? 'cpu';

/** A cheap stream of int8 codes: contents do not matter to the programs that use it. */
export function codes(length, seed) {
  const values = new Int8Array(length);
  let state = seed | 1;
  for (let index = 0; index < length; ++index) {
    state = (Math.imul(state, 1103515245) + 12345) | 0;
    values[index] = state >> 20;
  }
  return values;
}

export function subject({ rows, dim, length, seed = 1, values = codes(rows * dim, seed) }) {
  const table = EmbeddingTable.from(values, { dim, device });
  const history = new History(table);
  history.append(Int32Array.from({ length }, (_, index) => (index * 7919) % rows));
  return { table, history };
}

/** What was kept, as something short to compare. */
export function digest({ positions, scores }) {
  const bits = new Uint32Array(scores.buffer);
  let hash = 17;
  for (const position of positions) hash = (Math.imul(hash, 31) + position) | 0;
  for (const word of bits) hash = (Math.imul(hash, 31) + word) | 0;
  return hash;
}
