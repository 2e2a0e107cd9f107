/** Headers of embedding files: their text damaged, and of real and unreal types, shapes and spellings. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddingTable, Ranker } from 'kleio';
import type { Random } from '../cases/random.js';
import {
  bytesOf,
  npyWithHeader,
  safetensorsOf,
  safetensorsWithHeader,
} from '../cases/tensor-files.js';
import { DTYPES } from '../oracle/float-formats.js';
import type { FuzzTarget, Trial } from './fuzzing.js';
import { damagedText, JSON_WORDS } from './texts.js';

const ELEMENTS = [
  'I8',
  'F8_E4M3',
  'F16',
  'BF16',
  'F32',
  'I64',
  'U64',
  'I32',
  'U8',
  'U16',
  'F64',
  'F4',
  'I9',
];
const NAMES = [
  'values',
  'ids',
  'item_id',
  'embedding',
  'scl_embedding_table.values',
  'x',
  'category',
];

/** Opens with every option that a caller may give. */
function tableTrial(path: string, bytes: number, random: Random): Trial {
  const dtype = random.chance(0.6) ? undefined : random.pick(DTYPES);
  const duplicates = random.pick([undefined, 'error', 'first', 'last'] as const);
  const name = random.pick([undefined, ...NAMES]);
  const asked = [{ values: name }, { ids: name }, { ids: null }];
  const names = random.chance(0.7) ? undefined : random.pick(asked);
  const open = async () => {
    using table = await EmbeddingTable.open(path, { dtype, duplicates, names });
    table.rowsOf(BigInt64Array.of(0n, 1n, -1n));
  };
  return { bytes, doors: [open] };
}

export const SAFETENSORS_HEADERS: FuzzTarget = {
  name: 'safetensors-headers',
  async draw(random, folder) {
    let end = 0;
    const header: Record<string, unknown> = {};
    if (random.chance(0.7)) {
      header.values = { dtype: 'I8', shape: [3, 2], data_offsets: [0, 6] };
      header[random.pick(NAMES)] = { dtype: 'U64', shape: [3], data_offsets: [6, 30] };
      end = 30;
    }
    for (let count = random.chance(0.4) ? random.integer(1, 3) : 0; count > 0; count -= 1) {
      const bytes = random.pick([0, 1, 2, 3, 4, 6, 8, 16, 24]);
      const shape = random.pick([
        [bytes],
        [bytes / 2, 2],
        [3, 1],
        [3],
        [3, 2],
        [1, bytes],
        [],
        [0, 4],
      ]);
      header[random.pick(NAMES)] = {
        dtype: random.pick(ELEMENTS),
        shape,
        data_offsets: [end, end + bytes],
      };
      end += bytes;
    }
    if (random.chance(0.3)) header.__metadata__ = { format: 'pt' };
    const json = JSON.stringify(header);
    const text = random.chance(0.5) ? damagedText(json, random, JSON_WORDS) : json;
    const values = Uint8Array.from({ length: end }, () => random.integer(0, 255));
    const file = safetensorsWithHeader(text, [values]);
    const path = join(folder, 'items.safetensors');
    writeFileSync(path, file);
    return tableTrial(path, file.length, random);
  },
};

const PYTHON_WORDS: readonly string[] = [
  ...['{', '}', '(', ')', '[', ']', ',', ':', "'", '"', "'''", '\\', '#', '\n', ' ', '\0', '\x80'],
  ...['u', 'b', 'r', 'L', 'True', 'False', 'None', "''", '()', '(1,)', '(1, 2)', '(2L, 2L)', '[]'],
  ...['0', '1', '-1', '+2', '0x2', '0o2', '0b1', '1_0', '9999999999999999999999', '1.5', '1e3'],
  ...["'descr'", "'shape'", "'fortran_order'", "'<f4'", "'|i1'", "'V2'", "'>f2'", "'|O'", "'half'"],
];

export const NPY_HEADERS: FuzzTarget = {
  name: 'npy-headers',
  async draw(random, folder) {
    const descr = random.pick([
      '|i1',
      'b',
      '<f2',
      '=f4',
      'float32',
      '<V2',
      '|V1',
      'u2',
      '<f8',
      '>f4',
      '|b1',
    ]);
    const [rows, dim] = [random.integer(0, 4), random.integer(1, 4)];
    const order = random.chance(0.1) ? 'True' : 'False';
    const text = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${rows}, ${dim}), }`;
    const header = random.chance(0.5) ? damagedText(text, random, PYTHON_WORDS) : text;
    const bytes = /4|32/.test(descr) ? 4 : /2|8/.test(descr) ? 2 : 1;
    const size = rows * dim * bytes;
    const file = npyWithHeader(header.slice(0, 60_000), new Uint8Array(size).fill(1));
    if (random.chance(0.2)) file[random.integer(0, 11)] = random.integer(0, 255);
    const path = join(folder, 'items.npy');
    writeFileSync(path, file);
    return tableTrial(path, file.length, random);
  },
};

export const SHARD_INDICES: FuzzTarget = {
  name: 'shard-indices',
  async draw(random, folder) {
    mkdirSync(join(folder, 'sub'), { recursive: true });
    const values = { dtype: 'I8', shape: [3, 2], bytes: new Uint8Array(6).fill(1) };
    const ids = { dtype: 'I64', shape: [3], bytes: bytesOf(BigInt64Array.of(1n, 2n, 3n)) };
    writeFileSync(join(folder, 'a'), safetensorsOf({ values, x: ids }));
    writeFileSync(join(folder, 'sub', 'b'), safetensorsOf({ ids }));
    const map: Record<string, string> = { values: 'a', ids: 'sub/b' };
    if (random.chance(0.2)) map.x = 'a';
    const json = JSON.stringify({ metadata: { total_size: 30 }, weight_map: map });
    const words = [
      ...JSON_WORDS,
      '"a"',
      '"sub/b"',
      '".."',
      '"../a"',
      '"/"',
      '"sub"',
      '"weight_map"',
      '"index"',
    ];
    const text = random.chance(0.9) ? damagedText(json, random, words) : json;
    const path = join(folder, 'index');
    writeFileSync(path, text);
    const trial = tableTrial(path, Buffer.byteLength(text), random);
    const asRanker = async () => (await Ranker.open(path)).close();
    return { ...trial, doors: [...trial.doors, asRanker] };
  },
};
