/** What EmbeddingTable.open makes of files that are broken, lie, or are merely unusual. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EmbeddingTable, History, type OpenOptions } from 'kleio';
import { describe, expect, it } from 'vitest';
import { expectRejection, untyped } from '../cases/coded-errors.js';
import { memoryFolder } from '../cases/memory-folder.js';
import { NewFiles } from '../cases/new-files.js';
import {
  bytesOf,
  npyOf,
  npyWithHeader,
  safetensorsOf,
  safetensorsWithHeader,
  type Tensor,
} from '../cases/tensor-files.js';

const files = new NewFiles('file');
const sparseFiles = new NewFiles('sparse', memoryFolder);
const { folder } = files;

const codes = Int8Array.of(1, 0, 0, 1, 3, 4);
const matrix: Tensor = { dtype: 'I8', shape: [3, 2], bytes: bytesOf(codes) };
const idTensor = (...ids: bigint[]): Tensor => ({
  dtype: 'I64',
  shape: [ids.length],
  bytes: bytesOf(BigInt64Array.from(ids)),
});
const refuses = (bytes: Uint8Array, code: string, ...parts: string[]) =>
  expectRejection(() => EmbeddingTable.open(files.of(bytes)), code, ...parts);

describe('paths', () => {
  it.each([[undefined], [null], [5], [''], ['a\0b'], [new URL('http://localhost/x')], [{}]])(
    'refuses %o',
    async (path) => {
      await expectRejection(() => EmbeddingTable.open(untyped(path)), 'ERR_KLEIO_ARGUMENT', 'path');
    },
  );

  it('refuses what the system refuses, and says which', async () => {
    const missing = join(folder, 'missing');
    await expectRejection(() => EmbeddingTable.open(missing), 'ERR_KLEIO_FILE', missing, 'ENOENT');
    await expectRejection(() => EmbeddingTable.open(folder), 'ERR_KLEIO_FILE', folder);
  });

  it('opens a file: URL', async () => {
    const url = pathToFileURL(files.of(npyOf('|i1', [3, 2], bytesOf(codes))));
    expect((await EmbeddingTable.open(url)).rows).toBe(3);
  });

  it.each<[unknown, string, string]>([
    [{ device: 'cuda:0' }, 'ERR_KLEIO_DEVICE', 'cuda:0'],
    [{ dtype: 'float32' }, 'ERR_KLEIO_DTYPE', 'float32'],
    [{ dtype: 'int9' }, 'ERR_KLEIO_RANGE', "'int8'"],
    [{ name: 'x' }, 'ERR_KLEIO_ARGUMENT', "did you mean 'names'?"],
    [{ names: { value: 'x' } }, 'ERR_KLEIO_ARGUMENT', "did you mean 'values'?"],
    [{ names: { values: 5 } }, 'ERR_KLEIO_ARGUMENT', 'names.values'],
    [{ names: { values: 'absent' } }, 'ERR_KLEIO_FORMAT', '"embeddings" I8 [3, 2]'],
    [null, 'ERR_KLEIO_ARGUMENT', 'must be an object'],
    [[], 'ERR_KLEIO_ARGUMENT', 'must be an object; got an array'],
    [new Map([['dtype', 'int8']]), 'ERR_KLEIO_ARGUMENT', 'must be an object; got Map'],
    [AbortSignal.abort(), 'ERR_KLEIO_ARGUMENT', 'must be an object; got AbortSignal'],
    [new Int8Array(2), 'ERR_KLEIO_ARGUMENT', 'must be an object; got Int8Array(2)'],
    [{ names: new Map() }, 'ERR_KLEIO_ARGUMENT', 'names must be an object; got Map'],
  ])('refuses options %o', async (options, code, text) => {
    const path = files.of(safetensorsOf({ embeddings: matrix }));
    await expectRejection(() => EmbeddingTable.open(path, untyped(options)), code, text);
  });
});

describe('.safetensors', () => {
  it.each<[string, Uint8Array, string]>([
    ['an empty file', new Uint8Array(0), '0 bytes'],
    ['seven bytes', new Uint8Array(7), '7 bytes'],
    ['a header longer than the file', safetensorsOf({ x: matrix }).subarray(0, 40), 'header'],
    ['a header of 2^63 bytes', Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 128, 1), '9223372036854775808'],
    ['a header that is no JSON', safetensorsWithHeader('{"x":', []), 'not JSON'],
    ['a header that is no object', safetensorsWithHeader('[]', []), 'not a JSON object'],
    ['a header of bad UTF-8', Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xfe), 'not JSON'],
    ['values that end early', safetensorsOf({ x: matrix }).subarray(0, -1), 'ends at byte'],
    [
      'bytes after the values',
      Buffer.concat([safetensorsOf({ x: matrix }), bytesOf(codes)]),
      'no tensor',
    ],
  ])('refuses %s', (_, bytes, text) => refuses(bytes, 'ERR_KLEIO_FORMAT', text));

  const entry = { dtype: 'I8', shape: [3, 2], data_offsets: [0, 6] };
  it.each<[string, unknown, string]>([
    ['an unknown dtype', { ...entry, dtype: 'I9' }, 'unknown dtype "I9"'],
    ['no dtype', { ...entry, dtype: undefined }, 'unknown dtype'],
    ['a negative extent', { ...entry, shape: [-3, -2] }, 'shape'],
    ['a fractional extent', { ...entry, shape: [1.5, 4] }, 'shape'],
    ['an extent of text', { ...entry, shape: ['3', 2] }, 'shape'],
    ['a shape whose product overflows', { ...entry, shape: [2 ** 40, 2 ** 40] }, 'takes'],
    ['a product that is 6 modulo 2^64', { ...entry, shape: [3, 2 ** 33, 2 ** 33] }, 'takes'],
    ['offsets beyond the file', { ...entry, shape: [4, 2], data_offsets: [0, 8] }, 'ends at byte'],
    ['reversed offsets', { ...entry, data_offsets: [6, 0] }, 'data_offsets'],
    ['negative offsets', { ...entry, data_offsets: [-6, 0] }, 'data_offsets'],
    ['one offset', { ...entry, data_offsets: [6] }, 'data_offsets'],
    ['a hole', { ...entry, shape: [2, 2], data_offsets: [2, 6] }, 'belong to none'],
    ['too few bytes for its shape', { ...entry, shape: [3, 3] }, 'takes 9 bytes'],
    ['no object', 5, 'not described by an object'],
  ])('refuses a tensor with %s', (_, tensor, text) =>
    refuses(
      safetensorsWithHeader({ culprit: tensor }, [bytesOf(codes)]),
      'ERR_KLEIO_FORMAT',
      '"culprit"',
      text,
    ),
  );

  it('refuses overlapping tensors and names twice', async () => {
    const overlap = { a: entry, b: entry };
    await refuses(safetensorsWithHeader(overlap, [bytesOf(codes)]), 'ERR_KLEIO_FORMAT', 'overlaps');
    const json = JSON.stringify(entry);
    const twice = `{"x":${json},"x":${json}}`;
    await refuses(safetensorsWithHeader(twice, [bytesOf(codes)]), 'ERR_KLEIO_FORMAT', 'twice');
  });

  it('says what there is when it cannot choose', async () => {
    const two = safetensorsOf({ a: matrix, b: matrix });
    await refuses(two, 'ERR_KLEIO_FORMAT', '"a" I8 [3, 2]', '"b" I8 [3, 2]');
    await refuses(safetensorsOf({ ids: idTensor(1n) }), 'ERR_KLEIO_FORMAT', '"ids" I64 [1]');
    const table = await EmbeddingTable.open(files.of(two), { names: { values: 'b' } });
    expect(table.rows).toBe(3);
  });

  it('refuses tensors of the wrong kind', async () => {
    const doubles = { dtype: 'F64', shape: [1, 1], bytes: new Uint8Array(8) };
    await refuses(safetensorsOf({ values: doubles }), 'ERR_KLEIO_DTYPE', 'F64');
    const flat = { ...matrix, shape: [6] };
    await refuses(safetensorsOf({ values: flat }), 'ERR_KLEIO_FORMAT', 'two-dimensional');
    const wide = { dtype: 'I8', shape: [1, 4097], bytes: new Uint8Array(4097) };
    await refuses(safetensorsOf({ values: wide }), 'ERR_KLEIO_RANGE', '4097');
    const narrow = { dtype: 'I8', shape: [3, 0], bytes: new Uint8Array(0) };
    await refuses(safetensorsOf({ values: narrow }), 'ERR_KLEIO_RANGE', '[3, 0]');
    const ids = { dtype: 'I32', shape: [3], bytes: new Uint8Array(12) };
    await refuses(safetensorsOf({ values: matrix, ids }), 'ERR_KLEIO_DTYPE', 'I64');
    const short = safetensorsOf({ values: matrix, ids: idTensor(1n, 2n) });
    await refuses(short, 'ERR_KLEIO_SHAPE', '[3]', '[2]');
  });

  it('refuses what no table may hold', async () => {
    const twice = safetensorsOf({ values: matrix, ids: idTensor(7n, 8n, 7n) });
    await refuses(twice, 'ERR_KLEIO_DUPLICATE_ID', '7', '0', '2');
    const floats = Float32Array.of(1, 2, 3, Number.NaN);
    const values = { dtype: 'F32', shape: [2, 2], bytes: bytesOf(floats) };
    await refuses(safetensorsOf({ values }), 'ERR_KLEIO_NOT_FINITE', 'row 1', 'column 1');
  });

  it.each<[string, Record<string, Tensor>, OpenOptions]>([
    ['values and ids', { values: matrix, ids: idTensor(5n, 6n, 7n) }, {}],
    [
      'the released names',
      { 'scl_embedding_table.values': matrix, 'scl_embedding_table.keys': idTensor(5n, 6n, 7n) },
      {},
    ],
    [
      'names of the caller',
      { a: { ...matrix, dtype: 'I8' }, b: idTensor(5n, 6n, 7n), c: matrix },
      { names: { values: 'a', ids: 'b' } },
    ],
    [
      'a name of the ids alone',
      { embeddings: matrix, ids: idTensor(8n, 8n, 8n), b: idTensor(5n, 6n, 7n) },
      { names: { ids: 'b' } },
    ],
  ])('opens %s', async (_, tensors, options) => {
    const table = await EmbeddingTable.open(files.of(safetensorsOf(tensors)), options);
    expect([table.rows, table.dim, table.dtype]).toEqual([3, 2, 'int8']);
    expect(table.rowsOf(BigInt64Array.of(7n, 5n, 1n))).toEqual(Int32Array.of(2, 0, -1));
    const history = new History(table);
    history.append(BigInt64Array.of(5n, 6n, 7n));
    const { positions } = await history.search(Int8Array.of(3, 4), { k: 1 });
    expect(positions[0]).toBe(2);
  });

  it.each([
    ['F16', Uint16Array.of(0x3c00, 0, 0, 0x3c00)],
    ['BF16', Uint16Array.of(0x3c00, 0, 0, 0x3c00)],
    ['F32', Float32Array.of(1, 0, 0, 1)],
    ['F8_E4M3', Uint8Array.of(0x38, 0, 0, 0x38)],
  ])('reads %s values that lie at an odd address', async (dtype, elements) => {
    // One byte before them, which a tensor of one byte makes.
    const tensors = {
      pad: { dtype: 'U8', shape: [1], bytes: new Uint8Array(1) },
      values: { dtype, shape: [2, 2], bytes: bytesOf(elements) },
    };
    const table = await EmbeddingTable.open(files.of(safetensorsOf(tensors)));
    const history = new History(table);
    history.append(Int32Array.of(0, 1));
    expect(history.searchSync(Int32Array.of(1), { k: 1 }).scores[0]).toBe(1);
  });
});

describe('.npy', () => {
  const header = (descr: string, order: string, shape: string) =>
    `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;

  it.each<[string, Uint8Array, string, string]>([
    [
      'another version',
      Buffer.from('\x93NUMPY\x09\x00\x00\x00', 'latin1'),
      'ERR_KLEIO_FORMAT',
      '9',
    ],
    ['an end after the magic', Buffer.from('\x93NUMPY', 'latin1'), 'ERR_KLEIO_FORMAT', 'version'],
    [
      'a header longer than the file',
      Buffer.from('\x93NUMPY\x01\x00\xff\xff{}', 'latin1'),
      'ERR_KLEIO_FORMAT',
      '65535',
    ],
    ['no dictionary', npyWithHeader('hello', bytesOf(codes)), 'ERR_KLEIO_FORMAT', 'descr'],
    [
      'Fortran order',
      npyWithHeader(header('|i1', 'True', '(3, 2)'), bytesOf(codes)),
      'ERR_KLEIO_FORMAT',
      'Fortran',
    ],
    ['doubles', npyOf('<f8', [1, 1], new Uint8Array(8)), 'ERR_KLEIO_DTYPE', "astype('<f4')"],
    ['big-endian floats', npyOf('>f4', [1, 1], new Uint8Array(4)), 'ERR_KLEIO_DTYPE', '>f4'],
    ['too few bytes', npyOf('|i1', [3, 3], bytesOf(codes)), 'ERR_KLEIO_FORMAT', '9 bytes'],
    ['too many bytes', npyOf('|i1', [2, 2], bytesOf(codes)), 'ERR_KLEIO_FORMAT', '4 bytes'],
    ['one axis', npyOf('|i1', [6], bytesOf(codes)), 'ERR_KLEIO_FORMAT', 'two-dimensional'],
    ['three axes', npyOf('|i1', [3, 1, 2], bytesOf(codes)), 'ERR_KLEIO_FORMAT', 'two-dimensional'],
    [
      'a negative extent',
      npyWithHeader(header('|i1', 'False', '(-3, -2)'), bytesOf(codes)),
      'ERR_KLEIO_FORMAT',
      'shape',
    ],
    [
      'a product that overflows',
      npyWithHeader(header('|i1', 'False', '(4611686018427387904, 4)'), bytesOf(codes)),
      'ERR_KLEIO_FORMAT',
      'shape',
    ],
    [
      'NaN',
      npyOf('<f2', [1, 2], bytesOf(Uint16Array.of(0, 0x7e00))),
      'ERR_KLEIO_NOT_FINITE',
      'row 0',
    ],
    ['unsigned 16 bits alone', npyOf('<u2', [1, 1], new Uint8Array(2)), 'ERR_KLEIO_DTYPE', 'dtype'],
  ])('refuses %s', (_, bytes, code, text) => refuses(bytes, code, text));

  it.each([2, 3])('opens version %i, whose header may be long', async (version) => {
    const long = header('|i1', 'False', `(3, ${' '.repeat(1000)}2)`);
    const start = Buffer.from(`\x93NUMPY${String.fromCharCode(version)}\x00....`, 'latin1');
    start.writeUInt32LE(long.length, 8);
    const bytes = Buffer.concat([start, Buffer.from(long), bytesOf(codes)]);
    const table = await EmbeddingTable.open(files.of(bytes));
    expect([table.rows, table.dim, table.dtype]).toEqual([3, 2, 'int8']);
    await refuses(bytes.subarray(0, 11), 'ERR_KLEIO_FORMAT', 'ends within its header');
  });

  it('opens a header in double quotes, in another order', async () => {
    const swapped = `{"shape": (3, 2), "fortran_order": False, "descr": "|i1"}`;
    const table = await EmbeddingTable.open(files.of(npyWithHeader(swapped, bytesOf(codes))));
    expect([table.rows, table.dim, table.dtype]).toEqual([3, 2, 'int8']);
  });

  it.each(['int8', 'float32'] as const)('refuses 16 bits said to be %s', async (dtype) => {
    const path = files.of(npyOf('<u2', [1, 1], new Uint8Array(2)));
    await expectRejection(() => EmbeddingTable.open(path, { dtype }), 'ERR_KLEIO_DTYPE', 'U16');
    for (const said of ['float16', 'bfloat16'] as const) {
      expect((await EmbeddingTable.open(path, { dtype: said })).dtype).toBe(said);
    }
  });

  // NumPy knows no float8: its bits are saved as bytes, or by packages that add it as raw ones.
  it.each(['|u1', '|V1'])('opens %s said to be float8', async (descr) => {
    const path = files.of(npyOf(descr, [2, 1], Uint8Array.of(0x38, 0x7e)));
    await expectRejection(() => EmbeddingTable.open(path), 'ERR_KLEIO_DTYPE', 'U8', "'float8'");
    const said = () => EmbeddingTable.open(path, { dtype: 'float16' });
    await expectRejection(said, 'ERR_KLEIO_DTYPE', 'U8');
    expect((await EmbeddingTable.open(path, { dtype: 'float8' })).dtype).toBe('float8');
  });

  it('refuses names, which its array cannot have', async () => {
    const path = files.of(npyOf('|i1', [3, 2], bytesOf(codes)));
    const options = { names: { values: 'x' } };
    await expectRejection(() => EmbeddingTable.open(path, options), 'ERR_KLEIO_ARGUMENT', '.npy');
  });

  it('reads a file of more than 2^31 and 2^32 bytes', async () => {
    // Nothing but the header and the last row is written.
    const [dim, rows] = [128, 2 ** 25 + 3];
    const start = npyOf('|i1', [rows, dim], new Uint8Array(0));
    const path = sparseFiles.of(start);
    const file = openSync(path, 'r+');
    writeSync(file, new Uint8Array(dim).fill(3), 0, dim, start.length + (rows - 1) * dim);
    closeSync(file);
    const table = await EmbeddingTable.open(path);
    expect([table.rows, table.byteLength]).toEqual([rows, rows * dim]);
    const history = new History(table);
    history.append(Int32Array.of(0, rows - 1, 2 ** 24));
    const { positions, scores } = history.searchSync(Int32Array.of(rows - 1), { k: 2 });
    expect([Array.from(positions), scores[0]]).toEqual([[1, -1], 1]);
  });
});
