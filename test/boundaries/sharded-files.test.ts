/** Models and tables in several .safetensors files, opened through their index. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddingTable, IndexTree, Ranker } from 'kleio';
import { describe, expect, it } from 'vitest';
import { expectRejection } from '../cases/coded-errors.js';
import { newFolder } from '../cases/new-files.js';
import { bytesOf, readTensorFile, safetensorsOf, type Tensor } from '../cases/tensor-files.js';

const folder = newFolder('shards');

const GOLDEN = join(__dirname, '..', 'golden', 'muse_a.weights.safetensors');
const embedding: Tensor = {
  dtype: 'I8',
  shape: [3, 2],
  bytes: bytesOf(Int8Array.of(1, 0, 0, 1, 2, 1)),
};
const ids: Tensor = { dtype: 'I64', shape: [3], bytes: bytesOf(BigInt64Array.of(7n, 8n, 9n)) };

let written = 0;
/** Writes the shards, and the index where one is given; returns its path. */
function write(shards: Readonly<Record<string, Uint8Array>>, index: unknown, mark = ''): string {
  for (const [name, bytes] of Object.entries(shards)) writeFileSync(join(folder, name), bytes);
  written += 1;
  const path = join(folder, `${written}.safetensors.index.json`);
  writeFileSync(path, mark + (typeof index === 'string' ? index : JSON.stringify(index)));
  return path;
}

const TWO = {
  'a.safetensors': safetensorsOf({ embedding }),
  'b.safetensors': safetensorsOf({ item_id: ids }),
};
const MAP = { embedding: 'a.safetensors', item_id: 'b.safetensors' };

describe('a table', () => {
  it.each([
    ['values and ids in two files', { metadata: { total_size: 30 }, weight_map: MAP }, ''],
    ['an index that begins with a mark', { weight_map: MAP }, '\ufeff'],
    ['an index with more beside the map', { more: { a: [1, { b: null }] }, weight_map: MAP }, ''],
    ['an index of many lines', JSON.stringify({ weight_map: MAP }, undefined, 4), '\n  '],
  ])('opens %s', async (_, index, mark) => {
    const table = await EmbeddingTable.open(write(TWO, index, mark));
    expect([table.rows, table.dim, table.dtype]).toEqual([3, 2, 'int8']);
    expect(table.rowsOf(BigInt64Array.of(9n, 7n, 1n))).toEqual(Int32Array.of(2, 0, -1));
  });

  it.each([
    ['../a.safetensors'],
    ['/etc/passwd'],
    ['sub/../../a.safetensors'],
    ['..'],
    [''],
    ['a\\b.safetensors'],
    ['C:a.safetensors'],
    [5],
    [null],
  ])('refuses an index that names %o', async (name) => {
    const path = write(TWO, { weight_map: { embedding: name } });
    await expectRejection(() => EmbeddingTable.open(path), 'ERR_KLEIO_FORMAT', '"embedding"', path);
  });

  it.each<[string, unknown, string, string]>([
    ['no map', { metadata: {} }, 'ERR_KLEIO_FORMAT', 'weight_map'],
    ['nothing', {}, 'ERR_KLEIO_FORMAT', 'weight_map'],
    ['a map that is a list', { weight_map: [] }, 'ERR_KLEIO_FORMAT', 'weight_map'],
    ['an end too early', '{"weight_map": {"embedding": "a.safe', 'ERR_KLEIO_FORMAT', 'not JSON'],
    [
      'a missing shard',
      { weight_map: { x: 'none.safetensors' } },
      'ERR_KLEIO_FILE',
      'none.safetensors',
    ],
    [
      'a tensor that its shard lacks',
      { weight_map: { x: 'a.safetensors' } },
      'ERR_KLEIO_FORMAT',
      '"x"',
    ],
    [
      'one tensor twice',
      '{"weight_map":{"x":"a.safetensors","x":"b.safetensors"}}',
      'ERR_KLEIO_FORMAT',
      'twice',
    ],
    ['deep nesting', `{"weight_map":${'['.repeat(100_000)}`, 'ERR_KLEIO_FORMAT', 'weight_map'],
    [
      'too many files',
      { weight_map: Object.fromEntries(Array.from({ length: 2000 }, (_, at) => [at, `${at}x`])) },
      'ERR_KLEIO_FORMAT',
      '1000',
    ],
  ])('refuses an index with %s', async (_, index, code, text) => {
    const path = write(TWO, index);
    await expectRejection(() => EmbeddingTable.open(path), code, text);
  });

  it('refuses an index among its own shards, and shards that disagree about the model', async () => {
    const own = `${written + 1}.safetensors.index.json`;
    const itself = write({}, { weight_map: { x: own } });
    await expectRejection(() => EmbeddingTable.open(itself), 'ERR_KLEIO_FORMAT', 'JSON');
    const shards = {
      'c.safetensors': safetensorsOf({ embedding }, { keep_top: '3' }),
      'd.safetensors': safetensorsOf({ item_id: ids }, { keep_top: '4' }),
    };
    const path = write(shards, {
      weight_map: { embedding: 'c.safetensors', item_id: 'd.safetensors' },
    });
    await expectRejection(
      () => EmbeddingTable.open(path),
      'ERR_KLEIO_FORMAT',
      'keep_top',
      '"3"',
      '"4"',
    );
  });
});

describe('a model', () => {
  it('is the same ranker in three shards as in one file', async () => {
    const { tensors, metadata } = readTensorFile(GOLDEN);
    const parts: Record<string, Tensor>[] = [{}, {}, {}];
    const map: Record<string, string> = {};
    for (const [at, [name, tensor]] of [...tensors].entries()) {
      parts[at % 3]![name] = tensor;
      map[name] = `model-${at % 3}.safetensors`;
    }
    const shards = Object.fromEntries(
      parts.map((part, at) => [`model-${at}.safetensors`, safetensorsOf(part, metadata)]),
    );
    const path = write(shards, { metadata: { total_size: 1 }, weight_map: map });
    const [whole, sharded] = [await Ranker.open(GOLDEN), await Ranker.open(path)];
    const probabilities = [whole, sharded].map((ranker) => {
      const items = BigInt64Array.of(1n, 2n, 3n, 4n);
      const history = ranker.history(items, { categories: items });
      const candidates = { items, categories: items, cities: items, provinces: items };
      const user = BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n);
      return ranker.rankSync({ history, user, candidates }).probabilities;
    });
    expect(probabilities[1]).toEqual(probabilities[0]);
  });

  it('is no index tree', async () => {
    const path = write(TWO, { weight_map: MAP });
    await expectRejection(() => IndexTree.open(path), 'ERR_KLEIO_FORMAT', path, 'JSON');
  });
});
