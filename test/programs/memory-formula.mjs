// What a big history says of itself beside what the process really grew by. Run with --expose-gc and
// KLEIO_TEST_DTYPE; a process measures once, since freed memory is used again without growth.
import { EmbeddingTable, History } from 'kleio';
import { collected, nativeBytes } from './live-memory.mjs';
import { codes } from './subject.mjs';

const DIM = 128;
const ROWS = 300_000;
const LENGTH = 1_000_000;
const STEP = 10_000;

const dtype = process.env.KLEIO_TEST_DTYPE;
const values = codes(ROWS * DIM, 3);
const bytes = Number(process.env.KLEIO_TEST_BYTES);
// Of floats narrower than float32 the bits, small enough to be finite in every format.
const bits = bytes === 1 ? new Uint8Array(values) : new Uint16Array(values);
const elements =
  dtype === 'int8'
    ? values
    : bytes === 4
      ? new Float32Array(values)
      : bits.map((pattern) => pattern & (bytes === 1 ? 0x3f : 0x3fff));
// Filled in place: garbage that is collected later would count against the growth.
const rows = new Int32Array(LENGTH).map((_, index) => (index * 7919) % ROWS);
const categories = new BigInt64Array(LENGTH).fill(7n);
const times = new Float64Array(rows);
const table = EmbeddingTable.from(elements, { dim: DIM, dtype });

await collected();
const before = nativeBytes();
const history = new History(table);
// In steps, as a history grows: one append of all would hide what growing costs.
for (let start = 0; start < LENGTH; start += STEP) {
  const end = start + STEP;
  history.append(rows.subarray(start, end), {
    categories: categories.subarray(start, end),
    times: times.subarray(start, end),
  });
}
const { byteLength, length, distinct } = history;
await collected();
const grown = nativeBytes() - before;
process.stdout.write(JSON.stringify({ byteLength, grown, length, distinct }));
