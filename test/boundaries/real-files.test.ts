/** Files as the libraries of others write them: valid ones open, ids are never left out, what is no table is named. */
import { deflateSync, gzipSync } from 'node:zlib';
import { EmbeddingTable, History, IndexTree, Ranker } from 'kleio';
import { describe, expect, it } from 'vitest';
import { expectError, expectRejection, untyped } from '../cases/coded-errors.js';
import { expectRefusal, kleio } from '../cases/command-line.js';
import { NewFiles } from '../cases/new-files.js';
import {
  bytesOf,
  npyWithHeader,
  readTensorFile,
  safetensorsOf,
  type Tensor,
} from '../cases/tensor-files.js';

const files = new NewFiles('real');
const GOLDEN = `${__dirname}/../golden/muse_a.weights.safetensors`;

const tensor = (dtype: string, shape: number[], bytes: number): Tensor => ({
  dtype,
  shape,
  bytes: new Uint8Array(bytes),
});
const values: Tensor = {
  dtype: 'I8',
  shape: [3, 2],
  bytes: bytesOf(Int8Array.of(1, 0, 0, 1, 3, 4)),
};
const idsOf = (dtype: string, shape = [3]): Tensor => ({
  dtype,
  shape,
  bytes: bytesOf(BigInt64Array.of(5n, -6n, 7n)),
});
const open = (tensors: Record<string, Tensor>, options = {}) =>
  EmbeddingTable.open(files.of(safetensorsOf(tensors)), options);
const KNOWN = BigInt64Array.of(7n, -6n, 5n);

describe('ids', () => {
  it.each<[string, Record<string, Tensor>, object]>([
    ['called item_id', { embedding: values, item_id: idsOf('I64') }, {}],
    ['called ids, beside other values', { embedding: values, ids: idsOf('I64') }, {}],
    ['called itemIds, unsigned', { values, itemIds: idsOf('U64') }, {}],
    ['unsigned, negative as int64', { values, ids: idsOf('U64') }, {}],
    ['in one column', { embedding: values, item_id: idsOf('I64', [3, 1]) }, {}],
    ['in one row', { embedding: values, item_id: idsOf('I64', [1, 3]) }, {}],
    ['in one row, beside usual values', { values, ids: idsOf('I64', [1, 3]) }, {}],
    [
      'beside values that are named',
      { a: values, b: values, id: idsOf('I64') },
      { names: { values: 'a' } },
    ],
    ['named, of any name', { values, sku: idsOf('I64') }, { names: { ids: 'sku' } }],
    ['beside a column of categories', { values, ids: idsOf('I64'), category: idsOf('I64') }, {}],
  ])('are found %s', async (_, tensors, options) => {
    const table = await open(tensors, options);
    expect(table.rowsOf(KNOWN)).toEqual(Int32Array.of(2, 1, 0));
  });

  it.each<[string, Record<string, Tensor>, string]>([
    ['called what ids are not', { values, category: idsOf('I64') }, 'category'],
    ['of 32 bits under such a name', { values, sku: tensor('I32', [3], 12) }, 'sku'],
    ['in one row under such a name', { values, sku: idsOf('I64', [1, 3]) }, 'sku'],
    ['of two names', { values, item_id: idsOf('I64'), itemIds: idsOf('I64') }, 'itemIds'],
  ])('are asked for if %s', async (_, tensors, name) => {
    await expectRejection(() => open(tensors), 'ERR_KLEIO_FORMAT', 'names', name);
    expect((await open(tensors, { names: { ids: null } })).rows).toBe(3);
  });

  it.each([
    ['I32', [3], 12, 'ERR_KLEIO_DTYPE'],
    ['F32', [3], 12, 'ERR_KLEIO_DTYPE'],
    ['I64', [2], 16, 'ERR_KLEIO_SHAPE'],
    ['I64', [3, 2], 48, 'ERR_KLEIO_SHAPE'],
    ['I64', [1, 2], 16, 'ERR_KLEIO_SHAPE'],
    ['I32', [3, 2], 24, 'ERR_KLEIO_DTYPE'],
    ['F64', [3], 24, 'ERR_KLEIO_DTYPE'],
  ] as const)('of %s %o are refused', async (dtype, shape, bytes, code) => {
    const item_id = tensor(dtype, [...shape], bytes);
    await expectRejection(() => open({ values, item_id }), code, 'item_id');
  });

  it('of a ranker may be unsigned, and ascend as such', async () => {
    const { tensors, metadata } = readTensorFile(GOLDEN);
    const opened = (changed: Record<string, Tensor>) =>
      Ranker.open(
        files.of(safetensorsOf({ ...Object.fromEntries(tensors), ...changed }, metadata)),
      );
    const name = 'feature_maps.213';
    const ascending = BigInt64Array.from({ length: tensors.get(name)!.shape[0]! }, (_, at) =>
      BigInt(at),
    );
    ascending[ascending.length - 1] = -1n; // the largest of unsigned integers
    const bytes = bytesOf(ascending);
    const { shape } = tensors.get(name)!;
    (await opened({ [name]: { dtype: 'U64', shape, bytes } })).close();
    await expectRejection(
      () => opened({ [name]: { dtype: 'I64', shape, bytes } }),
      'ERR_KLEIO_FORMAT',
      'ascend',
    );
  });
});

describe('duplicates', () => {
  const ids = BigInt64Array.of(11n, 12n, 11n, 13n, 11n);
  const rows = Int8Array.of(1, 0, 0, 1, 2, 1, 3, 1, 4, 1);
  const path = () =>
    files.of(
      safetensorsOf({
        values: { dtype: 'I8', shape: [5, 2], bytes: bytesOf(rows) },
        ids: { dtype: 'I64', shape: [5], bytes: bytesOf(ids) },
      }),
    );

  it.each([
    ['first', [0, 1, 3]],
    ['last', [4, 1, 3]],
  ] as const)('%s: an id means that row, in files and in memory', async (duplicates, expected) => {
    const tables = [
      await EmbeddingTable.open(path(), { duplicates }),
      EmbeddingTable.from(rows, { dim: 2, ids, duplicates }),
    ];
    for (const table of tables) {
      expect([table.rows, table.duplicates]).toEqual([5, 2]);
      expect([...table.rowsOf(BigInt64Array.of(11n, 12n, 13n))]).toEqual(expected);
      const history = new History(table);
      history.append(Int32Array.of(2));
      history.append(BigInt64Array.of(11n));
      expect(history.searchSync(Int8Array.of(2, 1), { k: 1 }).positions[0]).toBe(0);
      const tree = await IndexTree.build(table);
      expect(tree.items).toBe(3);
      const { items } = await tree.search({ user: Float32Array.of(1, 0), beam: 8, n: 8 });
      expect([...items].sort()).toEqual([11n, 12n, 13n]);
    }
  });

  it.each([[{}], [{ duplicates: 'error' }]])(
    'are refused with %o, and the option is named',
    async (options) => {
      const said = untyped(options);
      await expectRejection(
        () => EmbeddingTable.open(path(), said),
        'ERR_KLEIO_DUPLICATE_ID',
        'duplicates',
        "'last'",
      );
      const make = () => EmbeddingTable.from(rows, { dim: 2, ids, ...said });
      expectError(make, 'ERR_KLEIO_DUPLICATE_ID', '11', 'duplicates');
    },
  );

  it('are checked as a choice, and are 0 without any', async () => {
    await expectRejection(
      () => EmbeddingTable.open(path(), untyped({ duplicates: 'lest' })),
      'ERR_KLEIO_RANGE',
      "'last'",
    );
    expect(EmbeddingTable.from(rows, { dim: 2 }).duplicates).toBe(0);
  });

  it('in the table of a ranker', async () => {
    const { tensors, metadata } = readTensorFile(GOLDEN);
    const keys = tensors.get('scl_embedding_table.keys')!;
    const bytes = Uint8Array.from(keys.bytes);
    bytes.copyWithin(8, 0, 8);
    const all = { ...Object.fromEntries(tensors), 'scl_embedding_table.keys': { ...keys, bytes } };
    const model = files.of(safetensorsOf(all, metadata));
    await expectRejection(() => Ranker.open(model), 'ERR_KLEIO_DUPLICATE_ID', 'duplicates');
    for (const duplicates of ['first', 'last'] as const)
      (await Ranker.open(model, { duplicates })).close();
  });
});

describe('what is wrong with values and ids', () => {
  const floats = (...elements: number[]): Tensor => ({
    dtype: 'F32',
    shape: [3, 2],
    bytes: bytesOf(Float32Array.from(elements)),
  });
  it('is said with the file and the tensor', async () => {
    const emb = floats(0, 1, 2, Number.NaN, 4, 5);
    const path = files.of(safetensorsOf({ emb }));
    await expectRejection(
      () => EmbeddingTable.open(path),
      'ERR_KLEIO_NOT_FINITE',
      `${path}: "emb" must be finite; row 1, column 1 is NaN`,
    );
    const sku: Tensor = { dtype: 'I64', shape: [3], bytes: bytesOf(BigInt64Array.of(4n, 9n, 4n)) };
    const twice = files.of(safetensorsOf({ values, sku }));
    await expectRejection(
      () => EmbeddingTable.open(twice, { names: { ids: 'sku' } }),
      'ERR_KLEIO_DUPLICATE_ID',
      `${twice}: "sku" must differ; id 4 is on row 0 and on row 2`,
    );
  });

  it('is said with what to save instead', async () => {
    const emb = tensor('F64', [3, 2], 48);
    await expectRejection(() => open({ emb }), 'ERR_KLEIO_DTYPE', '"emb"', 'save it as F32');
    const item_id = tensor('F64', [3], 24);
    await expectRejection(() => open({ values, item_id }), 'ERR_KLEIO_DTYPE', 'save it as I64');
  });
});

describe('files that are something else', () => {
  const padded = (start: string) =>
    Buffer.concat([Buffer.from(start, 'latin1'), Buffer.alloc(600)]);
  const tar = padded('items.csv');
  tar.write('ustar', 257, 'latin1');
  it.each<[string, Uint8Array, string]>([
    ['zlib', deflateSync('abc'.repeat(99)), 'compressed by zlib'],
    ['LZ4', padded('\x04\x22\x4d\x18\x64\x40'), 'compressed by LZ4'],
    ['Snappy', padded('\xff\x06\0\0sNaPpY'), 'compressed by Snappy'],
    ['7z', padded('7z\xbc\xaf\x27\x1c'), '7z archive'],
    ['tar', tar, 'tar archive'],
    ['UTF-16', Buffer.from('\ufeffid,v\n1,2\n3,4\n', 'utf16le'), 'text, as CSV is'],
    ['JSON Lines', Buffer.from('{"id":1,"v":[1,2]}\n{"id":2,"v":[3,4]}\n'), 'no weight_map'],
    ['zeros', Buffer.alloc(5000), 'begins with zeros'],
  ])('are named: %s', async (_, bytes, text) => {
    await expectRejection(() => EmbeddingTable.open(files.of(bytes)), 'ERR_KLEIO_FORMAT', text);
  });
});

describe('tensors of other dtypes', () => {
  it.each<[string, number[], number]>([
    ['F8_E4M3FNUZ', [4], 4],
    ['F8_E5M2FNUZ', [4], 4],
    ['F8_E8M0', [4], 4],
    ['F4', [4], 2],
    ['F6_E2M3', [4], 3],
    ['F6_E3M2', [4, 1], 3],
    ['C64', [2], 16],
    ['I9_OF_TOMORROW', [7], 5],
  ])('do not matter beside the embeddings: %s', async (dtype, shape, bytes) => {
    expect((await open({ values, other: tensor(dtype, shape, bytes) })).rows).toBe(3);
    const asked = () =>
      open({ values, other: tensor(dtype, shape, bytes) }, { names: { ids: 'other' } });
    const code = dtype.startsWith('I9') ? 'ERR_KLEIO_FORMAT' : 'ERR_KLEIO_DTYPE';
    await expectRejection(asked, code, 'other', dtype);
  });

  it('still take the bytes of their shapes', async () => {
    for (const [dtype, shape, bytes] of [
      ['F4', [3], 2],
      ['F6_E2M3', [4], 4],
    ] as const) {
      const other = tensor(dtype, [...shape], bytes);
      await expectRejection(() => open({ values, other }), 'ERR_KLEIO_FORMAT', 'other', 'takes');
    }
  });
});

describe('.npy in every spelling of NumPy', () => {
  const HEADERS: readonly [string, string, object, string][] = [
    [
      'a bfloat16',
      `{'descr': '<V2', 'fortran_order': False, 'shape': (1, 2), }`,
      { dtype: 'bfloat16' },
      'bfloat16',
    ],
    [
      'bfloat16 by name',
      `{'descr': 'bfloat16', 'fortran_order': False, 'shape': (1, 2)}`,
      {},
      'bfloat16',
    ],
    [
      'a float16 without a mark',
      `{'descr': 'f2', 'fortran_order': False, 'shape': (1, 2)}`,
      {},
      'float16',
    ],
    ['a native mark', `{'descr': '=f2', 'fortran_order': False, 'shape': (1, 2)}`, {}, 'float16'],
    [
      'strings and numbers of Python 2',
      `{u'descr': u'<f2', u'fortran_order': False, u'shape': (1L, 2L)}`,
      {},
      'float16',
    ],
    [
      'lines, comments, commas',
      `{\n"shape" : ( 1 , 2 , ) , # rows\n'descr':"half",\n'fortran_order':False,\n}`,
      {},
      'float16',
    ],
    [
      'hexadecimal and signs',
      `{'descr': '<' 'f2', 'fortran_order': False, 'shape': (0x1, +2)}`,
      {},
      'float16',
    ],
    ['four bytes of int8', `{'descr': '>i1', 'fortran_order': False, 'shape': (2, 2)}`, {}, 'int8'],
    [
      'four bytes of float8',
      `{'descr': '<V1', 'fortran_order': False, 'shape': (2, 2)}`,
      { dtype: 'float8' },
      'float8',
    ],
    [
      'one column in Fortran order',
      `{'descr': '<f2', 'fortran_order': True, 'shape': (2, 1)}`,
      {},
      'float16',
    ],
  ];
  it.each(HEADERS)('opens %s', async (_, header, options, dtype) => {
    const path = files.of(npyWithHeader(header, new Uint8Array(4)));
    expect((await EmbeddingTable.open(path, options)).dtype).toBe(dtype);
  });

  it.each([
    ['big-endian floats', '>f2', 'big-endian'],
    ['objects', '|O', 'pickled'],
    ['doubles', 'f8', 'descr'],
    ['complex numbers', '<c8', 'descr'],
  ])('names %s', async (_, descr, text) => {
    const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (1, 2)}`;
    const path = files.of(npyWithHeader(header, new Uint8Array(4)));
    await expectRejection(() => EmbeddingTable.open(path), 'ERR_KLEIO_DTYPE', text, descr);
  });

  it('names structured arrays', async () => {
    const header = `{'descr': [('id', '<i8'), ('x', '<f4', (2,))], 'fortran_order': False, 'shape': (1,)}`;
    const path = files.of(npyWithHeader(header, new Uint8Array(16)));
    await expectRejection(() => EmbeddingTable.open(path), 'ERR_KLEIO_DTYPE', 'structured');
  });
});

it.each<[string, Uint8Array, string]>([
  ['.npz', Buffer.from(`PK\x03\x04${'\0'.repeat(26)}arr_0.npy`, 'latin1'), '.npz'],
  ['.pt', Buffer.from(`PK\x03\x04${'\0'.repeat(26)}archive/data.pkl`, 'latin1'), 'PyTorch'],
  ['a pickle', Buffer.from('\x80\x04\x95\x10\0\0\0\0\0\0\0}', 'latin1'), 'pickle'],
  ['an old .pth', Buffer.from('\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.', 'latin1'), 'pickle'],
  ['gzip', gzipSync(Buffer.alloc(1000)), 'gzip'],
  ['Parquet', Buffer.from('PAR1\x15\x04\x15\x10'), 'Parquet'],
  ['HDF5', Buffer.from('\x89HDF\r\n\x1a\n\0\0', 'latin1'), 'HDF5'],
  ['GGUF', Buffer.from('GGUF\x03\0\0\0\0'), 'GGUF'],
  ['an LFS pointer', Buffer.from('version https://git-lfs.example/spec/v1\n'), 'LFS'],
  ['HTML', Buffer.from('<!DOCTYPE html><html>'), 'HTML'],
  ['Feather', Buffer.from('FEA1\0\0\0\0'), 'Feather'],
  ['an index of Faiss', Buffer.from('IxFI\x80\0\0\0'), 'Faiss'],
  ['CSV', Buffer.from('0.25,0.5\n-1,2\n'), 'CSV'],
  ['JSON', Buffer.from(' [[0.25, 0.5], [-1, 2]]'), 'JSON'],
])('names %s for what it is', async (_, bytes, text) => {
  const path = files.of(bytes);
  await expectRejection(() => EmbeddingTable.open(path), 'ERR_KLEIO_FORMAT', text);
  await expectRejection(() => Ranker.open(path), 'ERR_KLEIO_FORMAT', text);
});

it('opens with the same option on the command line', async () => {
  const values = { dtype: 'I8', shape: [3, 2], bytes: bytesOf(Int8Array.of(1, 0, 0, 1, 2, 1)) };
  const ids = { dtype: 'I64', shape: [3], bytes: bytesOf(BigInt64Array.of(1n, 2n, 1n)) };
  const path = files.of(safetensorsOf({ values, ids }));
  const words = ['tree', 'build', '--embeddings', path, '--out', `${path}.tree`];
  await expectRefusal(words, 'ERR_KLEIO_DUPLICATE_ID');
  await expectRefusal([...words, '--duplicates', 'lest'], "'last'");
  expect((await kleio(...words, '--duplicates', 'last')).code).toBe(0);
  expect((await IndexTree.open(`${path}.tree`)).items).toBe(2);
});

it('names what a tree would leave out of its file', async () => {
  const table = EmbeddingTable.from(Int8Array.of(1, 0, 0, 1), { dim: 2 });
  const path = files.of(new Uint8Array());
  await (await IndexTree.build(table)).save(path);
  const { tensors, metadata } = readTensorFile(path);
  const { checksum, ...rest } = Object.fromEntries(tensors);
  const prices = { dtype: 'F32', shape: [2], bytes: new Uint8Array(8) };
  const more = files.of(
    safetensorsOf({ ...rest, 'items.prices': prices, checksum: checksum! }, metadata),
  );
  await expectRejection(() => IndexTree.open(more), 'ERR_KLEIO_FORMAT', 'items.prices');
});
