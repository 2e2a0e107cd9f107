// Histories that say what they take, beside what all native memory of the process grew by: of every dtype and many
// widths and lengths, as they grow, lose their oldest and are cleared. Prints those that differ. Run with --expose-gc.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { EmbeddingTable, History } from 'kleio';
import { collected } from './live-memory.mjs';

// Only the binary's contract shows what all of it takes.
const product = createRequire(join(import.meta.dirname, '..', '..', 'dist', 'index.js'));
const { binding } = product('./binding/binary.js');
const inUse = () => binding().describe().blockBytes;

const { seed, count } = JSON.parse(process.env.KLEIO_TEST_DRAW);
const DTYPES = ['int8', 'float8', 'float16', 'bfloat16', 'float32'];
const ARRAYS = [Int8Array, Uint8Array, Uint16Array, Uint16Array, Float32Array];
const DIMS = [1, 2, 3, 4, 5, 16, 31, 32, 64, 100, 128, 384, 768, 1536, 4096];
const LENGTHS = [0, 1, 2, 4, 5, 10, 63, 64, 65, 500, 1024, 1025, 3000, 4096, 4097, 20_000, 100_000];
/** What a history may have been given and not yet written: the ends of its last blocks. */
const UNWRITTEN = 0.06;

const EMPTY = new History(EmbeddingTable.from(Int8Array.of(1), { dim: 1 })).byteLength;

let state = seed | 1;
function drawn(choices) {
  state = (Math.imul(state, 1103515245) + 12345) | 0;
  return choices[(state >>> 16) % choices.length];
}

const differing = [];
for (let index = 0; index < count; ++index) {
  const type = drawn([0, 1, 2, 3, 4]);
  const dim = drawn(DIMS);
  const length = Math.min(drawn(LENGTHS), Math.floor(2e7 / dim));
  const rows = Math.max(1, Math.min(length, drawn([1, 10, 1000, 100_000])));
  const capacity = drawn([undefined, undefined, Math.max(1, Math.ceil(length / 3))]);
  const attributes = drawn([false, true]);
  const what = { dtype: DTYPES[type], dim, length, rows, capacity, attributes };
  const table = EmbeddingTable.from(new ARRAYS[type](rows * dim).fill(1), {
    dim,
    dtype: DTYPES[type],
  });
  await collected();
  const before = inUse();
  const history = new History(table, capacity === undefined ? {} : { capacity });
  const step = drawn([1, 7, 1000, 100_000]);
  for (let begin = 0; begin < length; begin += step) {
    const size = Math.min(step, length - begin);
    const some = Int32Array.from({ length: size }, (_, at) => ((begin + at) * 7919) % rows);
    const times = new Float64Array(some);
    const categories = new BigInt64Array(size);
    history.append(some, attributes ? { times, categories } : {});
  }
  const grown = inUse() - before;
  const { byteLength } = history;
  const exact = length <= 64 ? byteLength === grown : byteLength <= grown;
  if (!exact || byteLength < grown * (1 - UNWRITTEN) - unwrittenEnds(what)) {
    differing.push({ ...what, byteLength, grown });
  }
  history.clear();
  const empty = history.byteLength;
  // Which number the next behaviour has, where there was one.
  const cleared = length === 0 ? EMPTY : EMPTY + 64;
  if (empty !== cleared || empty !== inUse() - before) differing.push({ ...what, empty });
  history.close();
  if (inUse() !== before) differing.push({ ...what, left: inUse() - before });
  table.close();
}
process.stdout.write(JSON.stringify(differing));

/** The chunk of 1024 items and those of 4096 behaviours that a history is filling. */
function unwrittenEnds({ dim, attributes }) {
  return 1024 * (4 * Math.ceil(dim / 4)) + 4096 * (4 + 4 + 16 + (attributes ? 16 : 0));
}
