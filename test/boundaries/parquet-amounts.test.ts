/** What reading a parquet file takes goes with its bytes, not with what they claim or how often it is claimed. */
import * as zlib from 'node:zlib';
import { expect, it } from 'vitest';
import { ChunkBytes } from '../../lib/cli/parquet/chunk-bytes.js';
import type { Columns } from '../../lib/cli/parquet/file-metadata.js';
import { untyped } from '../cases/coded-errors.js';
import { readBytes } from '../cases/parquet-rows.js';
import {
  dataPage,
  dictionaryPage,
  element,
  idColumn,
  joined,
  parquetSketch,
  type SketchColumn,
  uint32,
} from '../cases/parquet-sketch.js';

const ID: Columns = { id: 'id' };
const ROW: SketchColumn = idColumn('id', [7n]);

/** The bytes of a footer, of which some are replaced. */
function withFooter(change: (footer: Buffer) => Buffer): Uint8Array {
  const bytes = Buffer.from(parquetSketch([{ rows: 1, columns: [ROW] }]));
  const end = bytes.length - 8;
  const start = end - bytes.readUInt32LE(end);
  const footer = change(bytes.subarray(start, end));
  return joined(bytes.subarray(0, start), footer, uint32(footer.length), Buffer.from('PAR1'));
}

/** A list of one struct with fields, the row group, becomes one of so many bytes of zeros: structs of nothing. */
const GROUPS = Buffer.of(0x19, 0x1c);

it('row groups of nothing end at the first, however many there are', async () => {
  const bytes = withFooter((footer) => {
    const head = footer.subarray(0, footer.lastIndexOf(Buffer.of(...GROUPS, ...GROUPS)));
    const many = Buffer.of(0x19, 0xfc, 0x80, 0x08);
    // 1024 structs: two without a field, then what is no Thrift.
    return Buffer.concat([head, many, Buffer.alloc(2), Buffer.alloc(1023, 0x1e)]);
  });
  await expect(readBytes(bytes, ID)).rejects.toThrow(/row group 0, column id is not there/);
});

it('row groups have no more columns than the schema, and all of them names', async () => {
  const withChunks = (...chunks: readonly number[]) =>
    withFooter((footer) => {
      const at = footer.lastIndexOf(Buffer.of(...GROUPS, ...GROUPS)) + GROUPS.length;
      const list = Buffer.of(0x19, (chunks.length << 4) | 0x0c, ...chunks);
      return Buffer.concat([footer.subarray(0, at), list, footer.subarray(at + GROUPS.length)]);
    });
  const nameless = withChunks(0, 0);
  await expect(readBytes(nameless, ID)).rejects.toThrow(/has a column without a name/);
});

it('column chunks that share their bytes are refused: each row group would read them anew', async () => {
  const groups = Array.from({ length: 40 }, () => ({ rows: 1, columns: [ROW] }));
  await expect(readBytes(parquetSketch(groups), ID)).resolves.toHaveLength(40);
  const claims = { data_page_offset: 4n, total_compressed_size: 900n };
  const shared = groups.map((group) => ({ ...group, columns: [{ ...ROW, claims }] }));
  await expect(readBytes(parquetSketch(shared), ID)).rejects.toThrow(
    /row group \d+, column id and those before claim \d+ bytes of a file of \d+/,
  );
});

it('dictionaries together have no more values than a file of its size may have', async () => {
  const values = new Uint8Array(8 * 600_000);
  const bytes = zlib.brotliCompressSync(values);
  const counted = { num_values: 600_000, encoding: 'PLAIN' };
  const dictionary = {
    ...dictionaryPage([], {
      ...{ uncompressed_page_size: values.length, compressed_page_size: bytes.length },
      dictionary_page_header: counted,
    }),
    bytes,
  };
  const indices = zlib.brotliCompressSync(Uint8Array.of(1, 2, 0));
  const page = dataPage({
    ...{ entries: 1, values: indices, encoding: 'RLE_DICTIONARY' as const },
    claims: { uncompressed_page_size: 3 },
  });
  const column: SketchColumn = {
    ...{ schema: [element('id')], entries: 1, pages: [dictionary, page] },
    claims: { codec: 'BROTLI' },
  };
  const ofGroups = (count: number) =>
    parquetSketch(Array.from({ length: count }, () => ({ rows: 1, columns: [column] })));
  await expect(readBytes(ofGroups(1), ID)).resolves.toEqual([{ id: 0n }]);
  await expect(readBytes(ofGroups(4), ID)).rejects.toThrow(
    /its dictionary and those before claim \d+ values; the file may have \d+/,
  );
});

it('pages of a few bytes are read many at once', async () => {
  const empty = parquetSketch([
    {
      rows: 0,
      columns: [
        {
          schema: [element('id')],
          entries: 0,
          pages: [dataPage({ entries: 0, values: joined() })],
        },
      ],
    },
  ]);
  const { length } = await new ChunkBytes(untyped(fileOf(empty)), empty.length).pageHeader(4);
  const header = empty.subarray(4, 4 + length);
  const bytes = joined(...Array.from({ length: 30_000 }, () => header));
  const file = fileOf(bytes);
  const chunk = new ChunkBytes(untyped(file), bytes.length);
  for (let start = 0; start < bytes.length; start += length) {
    expect(await chunk.pageHeader(start)).toMatchObject({ entries: 0, length });
  }
  expect(file.bytesRead).toBeLessThan(3 * bytes.length);
});

/** Counts what is read of it. */
function fileOf(bytes: Uint8Array) {
  return {
    bytesRead: 0,
    async read(position: number, length: number) {
      this.bytesRead += length;
      return bytes.subarray(position, position + length);
    },
  };
}
