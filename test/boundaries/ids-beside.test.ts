/** `EmbeddingTable.open` with ids from elsewhere: a .npy file beside the values, or an array. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EmbeddingTable, type OpenOptions } from 'kleio';
import { describe, expect, it } from 'vitest';
import { expectRejection, untyped } from '../cases/coded-errors.js';
import { detached } from '../cases/hostile-views.js';
import { newFolder } from '../cases/new-files.js';
import { bytesOf, npyOf, safetensorsOf } from '../cases/tensor-files.js';

const folder = newFolder('ids-beside');
const write = (name: string, bytes: Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
};

const IDS = BigInt64Array.of(7n, -1n, 2n ** 63n - 1n);
const values = write('values.npy', npyOf('|i1', [3, 2], Uint8Array.of(1, 2, 3, 4, 5, 6)));
const idsFile = (
  name: string,
  shape: readonly number[],
  descr = '<i8',
  ids: ArrayBufferView = IDS,
) => write(`${name}.npy`, npyOf(descr, shape, bytesOf(ids)));
const open = (options: OpenOptions, path = values) => EmbeddingTable.open(path, options);
const rowsOf = async (options: OpenOptions, path = values) => [
  ...(await open(options, path)).rowsOf(IDS),
];

describe('ids of a .npy file', () => {
  it.each([[[3]], [[1, 3]], [[3, 1]]])('may have the shape %s', async (shape) => {
    expect(await rowsOf({ ids: idsFile('shape', shape) })).toEqual([0, 1, 2]);
  });

  it('may be unsigned, and named in every way of NumPy', async () => {
    for (const descr of ['<u8', 'int64', '=i8', 'q', 'uint64']) {
      expect(await rowsOf({ ids: idsFile('unsigned', [3], descr) }), descr).toEqual([0, 1, 2]);
    }
  });

  it('may be named by a URL, or relative to the working directory of the call', async () => {
    expect(await rowsOf({ ids: pathToFileURL(idsFile('url', [3])) })).toEqual([0, 1, 2]);
  });

  it.each<[string, number[], ArrayBufferView, string, string]>([
    ['<i4', [3], Int32Array.of(1, 2, 3), 'ERR_KLEIO_DTYPE', "astype('<i8')"],
    ['<f8', [3], Float64Array.of(1, 2, 3), 'ERR_KLEIO_DTYPE', '<i8, <u8'],
    ['>i8', [3], IDS, 'ERR_KLEIO_DTYPE', 'big-endian'],
    ['<i8', [2], IDS.subarray(1), 'ERR_KLEIO_SHAPE', 'must have the shape [3]'],
    ['<i8', [3], IDS.subarray(1), 'ERR_KLEIO_FORMAT', 'bytes'],
  ])('is refused as %s %s', async (descr, shape, ids, code, part) => {
    const path = idsFile('wrong', shape, descr, ids);
    await expectRejection(() => open({ ids: path }), code, path, part);
  });

  it('is refused in another format, and where it is not there', async () => {
    const tensors = write(
      'ids.safetensors',
      safetensorsOf({ ids: { dtype: 'I64', shape: [3], bytes: bytesOf(IDS) } }),
    );
    await expectRejection(() => open({ ids: tensors }), 'ERR_KLEIO_FORMAT', 'names.ids');
    const absent = join(folder, 'absent.npy');
    await expectRejection(() => open({ ids: absent }), 'ERR_KLEIO_FILE', absent);
  });

  it('says what an id on several rows means', async () => {
    const ids = idsFile('repeated', [3], '<i8', BigInt64Array.of(7n, 8n, 7n));
    await expectRejection(() => open({ ids }), 'ERR_KLEIO_DUPLICATE_ID', 'row 0', 'row 2', ids);
    const last = await open({ ids, duplicates: 'last' });
    expect([last.rows, last.duplicates, ...last.rowsOf(BigInt64Array.of(7n, 8n))]).toEqual([
      3, 1, 2, 1,
    ]);
  });
});

describe('ids of an array', () => {
  it('are copied in the call', async () => {
    const ids = IDS.slice();
    const opening = open({ ids });
    ids.fill(0n);
    expect([...(await opening).rowsOf(IDS)]).toEqual([0, 1, 2]);
  });

  it.each<[string, unknown, string, string]>([
    ['too few', IDS.subarray(1), 'ERR_KLEIO_SHAPE', 'ids.length must be 3'],
    ['numbers', Int32Array.of(1, 2, 3), 'ERR_KLEIO_ARGUMENT', 'ids must be a path'],
    ['without memory', detached(IDS.slice()), 'ERR_KLEIO_ARGUMENT', 'ids must have its memory'],
    ['no path', '', 'ERR_KLEIO_ARGUMENT', 'ids must be a path'],
    ['a URL of elsewhere', new URL('https://a/b'), 'ERR_KLEIO_ARGUMENT', 'ids must be a path'],
    ['equal', BigInt64Array.of(1n, 2n, 1n), 'ERR_KLEIO_DUPLICATE_ID', "'first' or 'last'"],
  ])('are refused where they are %s', async (_, ids, code, part) => {
    await expectRejection(() => open(untyped({ ids })), code, part);
  });
});

describe('ids from elsewhere', () => {
  const named = write(
    'named.safetensors',
    safetensorsOf({
      values: { dtype: 'I8', shape: [3, 2], bytes: Uint8Array.of(1, 2, 3, 4, 5, 6) },
      ids: { dtype: 'I64', shape: [3], bytes: bytesOf(BigInt64Array.of(70n, 71n, 72n)) },
    }),
  );

  it('take the place of those of the file', async () => {
    expect(await rowsOf({ ids: IDS }, named)).toEqual([0, 1, 2]);
    expect(await rowsOf({ ids: IDS, names: { values: 'values' } }, named)).toEqual([0, 1, 2]);
    expect(await rowsOf({ ids: idsFile('place', [3]) }, named)).toEqual([0, 1, 2]);
  });

  it('are refused beside names.ids', async () => {
    for (const ids of ['ids', null]) {
      const both = () => open({ ids: IDS, names: { ids } }, named);
      await expectRejection(both, 'ERR_KLEIO_ARGUMENT', 'names.ids');
    }
  });
});
