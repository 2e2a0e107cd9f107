/** Parquet files that are damaged, hostile or not of the kind end in an error that says where. */
import * as zlib from 'node:zlib';
import type { FileMetaData, SchemaElement } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import type { Columns } from '../../lib/cli/parquet/file-metadata.js';
import { readBytes } from '../cases/parquet-rows.js';
import {
  dataPage,
  dictionaryPage,
  element,
  idColumn,
  int64s,
  joined,
  levels,
  listColumn,
  listSchema,
  parquetSketch,
  type SketchColumn,
  type SketchGroup,
  type SketchPage,
  uint32,
} from '../cases/parquet-sketch.js';

const ID: Columns = { id: 'id' };
const IDS: Columns = { ids: 'ids' };

async function expectFault(bytes: Uint8Array, columns: Columns, text: string | RegExp) {
  const reading = readBytes(bytes, columns);
  await expect(reading).rejects.toThrow(text);
  // Every error names the file.
  await expect(reading).rejects.toThrow('table.parquet: ');
}

const sketch = (column: SketchColumn, rows = column.entries) =>
  parquetSketch([{ rows, columns: [column] }]);

const ofPages = (pages: readonly SketchPage[], entries: number, claims = {}): SketchColumn => ({
  ...{ schema: [element('id')], entries, pages, claims },
});

const THREE = idColumn('id', [1n, 2n, 3n]);
const page = dataPage({ entries: 3, values: int64s([1n, 2n, 3n]) });

describe('the footer', () => {
  it.each<[string, (bytes: Uint8Array) => Uint8Array, RegExp]>([
    ['of no file', () => new Uint8Array(), /it has 0 bytes/],
    ['of a text', () => new Uint8Array(64).fill(32), /begin and end with PAR1/],
    ['cut off', (bytes) => bytes.slice(0, -1), /begin and end with PAR1/],
    ['of encrypted columns', (bytes) => withTail(bytes, 'PARE'), /is encrypted; write it without/],
    ['longer than the file', (bytes) => withLength(bytes, 2 ** 31), /claims 2147483648 bytes/],
    ['shorter than it is', (bytes) => withLength(bytes, 9), /table\.parquet: /],
    ['of length 0', (bytes) => withLength(bytes, 0), /ends too soon/],
  ])('%s', async (_, change, text) => {
    await expectFault(change(sketch(THREE)), ID, text);
  });

  it.each<[string, Partial<FileMetaData>, RegExp]>([
    ['rows that no group has', { num_rows: 4n }, /claims 4 rows, 3 in its row groups/],
    ['a column fewer', { schema: [{ name: 'schema', num_children: 0 }] }, /has no column id/],
    [
      'elements too many',
      { schema: [{ name: 'schema', num_children: 1 }, element('id'), element('more')] },
      /1 elements too many/,
    ],
    [
      'a column twice',
      { schema: [{ name: 'schema', num_children: 2 }, element('id'), element('id')] },
      /has two columns "id"/,
    ],
  ])('with %s', async (_, claims, text) => {
    const bytes = parquetSketch([{ rows: 3, columns: [THREE] }], claims);
    await expectFault(bytes, ID, text);
  });

  it.each<[string, object, RegExp]>([
    ['more values than rows', { num_values: 4n }, /claims 4 values for 3 rows/],
    ['fewer values than rows', { num_values: 2n }, /claims 2 values for 3 rows/],
    ['an offset beyond the file', { data_page_offset: 10_000n }, /claims bytes 10000 to/],
    ['an offset before it', { data_page_offset: -5n }, /claims bytes -5 to/],
    ['a size beyond the file', { total_compressed_size: 2n ** 40n }, /claims bytes 4 to/],
    ['a number of 64 bits', { total_compressed_size: 2n ** 62n }, /more than 53 bits/],
    ['another type', { type: 'DOUBLE' }, /is DOUBLE where the schema has INT64/],
    ['an unknown codec', { codec: 'LZO' }, /LZO is not read/],
  ])('of a column with %s', async (_, claims, text) => {
    await expectFault(sketch({ ...THREE, claims }), ID, text);
  });

  it('of more values than the file can have', async () => {
    const rows = 2 ** 30;
    const column = ofPages([page], rows);
    await expectFault(sketch(column), ID, /claims 1073741824 values; a file of \d+ bytes may have/);
  });

  it.each([
    ['lists', [0x19, 0xfc, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    ['text', [0x18, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    ['numbers', [0x16, ...new Array<number>(4000).fill(0x80)]],
    ['structs', new Array<number>(4000).fill(0x1c)],
    ['lists of lists', new Array<number>(4000).fill(0x19)],
    ['nothing that is a type', [0x1e]],
  ])('of endless %s', async (_, footer) => {
    const bytes = joined(
      ...[Buffer.from('PAR1'), Uint8Array.from(footer)],
      ...[uint32(footer.length), Buffer.from('PAR1')],
    );
    await expectFault(bytes, ID, /table\.parquet: /);
  });
});

function withTail(bytes: Uint8Array, magic: string): Uint8Array {
  return joined(bytes.subarray(0, -4), Buffer.from(magic));
}

function withLength(bytes: Uint8Array, length: number): Uint8Array {
  return joined(bytes.subarray(0, -8), uint32(length), bytes.subarray(-4));
}

describe('a page', () => {
  const over = (claims: object, from = page): SketchPage => ({
    ...from,
    header: { ...from.header, ...claims },
  });
  const entries = (num_values: number) => ({
    data_page_header: { ...page.header.data_page_header!, num_values },
  });

  it.each<[string, SketchPage, RegExp]>([
    ['longer than the column', over({ compressed_page_size: 99 }), /claims 99 bytes where \d+/],
    ['of negative length', over({ compressed_page_size: -1 }), /claims -1 bytes/],
    [
      'that decompresses to gigabytes',
      over({ uncompressed_page_size: 2 ** 31 - 1 }),
      /claims 2147483647 bytes for 3 values/,
    ],
    ['of more values', over(entries(4)), /claims 4 values of 3/],
    ['of fewer values', over(entries(2)), /8 bytes follow the last value/],
    ['of a negative number of values', over(entries(-3)), /claims -3 values/],
    ['of another checksum', over({ crc: 7 }), /its checksum is not that of its bytes/],
    ['without a header of data', over({ data_page_header: undefined }), /claims -1 values/],
  ])('%s', async (_, damaged, text) => {
    await expectFault(sketch(ofPages([damaged], 3)), ID, text);
  });

  it('is placed by column, row, row group and page', async () => {
    const split = [1n, 2n].map((id) => dataPage({ entries: 1, values: int64s([id]) }));
    const short = dataPage({ entries: 1, values: new Uint8Array(7) });
    const groups: SketchGroup[] = [
      { rows: 3, columns: [THREE] },
      { rows: 3, columns: [ofPages([...split, short], 3)] },
    ];
    await expectFault(
      parquetSketch(groups),
      ID,
      'table.parquet: column id, row 5 (row group 1, page 2): 8 bytes are said to follow',
    );
  });

  it('that is missing', async () => {
    const column = ofPages([dataPage({ entries: 2, values: int64s([1n, 2n]) })], 3);
    await expectFault(sketch(column), ID, /column id, row 2 .*: ends 1 values before/);
  });

  it('is intact if its checksum is', async () => {
    const { crc32 } = zlib as { crc32?: (bytes: Uint8Array) => number };
    const crc = (crc32?.(page.bytes) ?? 0) | 0;
    const bytes = sketch(ofPages([over(crc32 === undefined ? {} : { crc })], 3));
    expect(await readBytes(bytes, ID)).toHaveLength(3);
  });
});

describe('runs', () => {
  const schema: readonly SchemaElement[] = [element('id', { repetition_type: 'OPTIONAL' })];
  const runs = (...bytes: number[]) => joined(uint32(bytes.length), Uint8Array.from(bytes));
  const withLevels = (definition: Uint8Array): SketchColumn => ({
    schema,
    entries: 3,
    pages: [dataPage({ entries: 3, levels: [definition], values: int64s([1n, 2n, 3n]) })],
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['for billions of values', runs(0xfe, 0xff, 0xff, 0xff, 0x0f, 1), /a run goes on for \d+/],
    ['of packed groups for billions', runs(0xff, 0xff, 0xff, 0xff, 0x0f, 7), /a run goes on for/],
    ['of nothing, again and again', runs(...new Array<number>(1000).fill(0)), /ends too soon/],
    ['of no end', runs(...new Array<number>(1000).fill(0x80)), /more than 53 bits/],
    ['that end', runs(4, 1), /ends too soon/],
    ['of a level that is none', runs(6, 2), /the definition level 2/],
    ['longer than the page', joined(uint32(1000), Uint8Array.of(6, 1)), /1000 bytes are said to/],
  ])('%s', async (_, definition, text) => {
    await expectFault(sketch(withLevels(definition)), ID, text);
  });

  it('that are not read', async () => {
    const { pages } = withLevels(levels([1, 1, 1], 1));
    const data_page_header = {
      ...pages[0]!.header.data_page_header!,
      definition_level_encoding: 'BIT_PACKED' as const,
    };
    const header = { ...pages[0]!.header, data_page_header };
    const column = { schema, entries: 3, pages: [{ ...pages[0]!, header }] };
    await expectFault(sketch(column), ID, 'levels in BIT_PACKED are not read');
  });

  it('whose first row has no beginning', async () => {
    const pages = [
      dataPage({
        entries: 1,
        levels: [levels([1], 1), levels([3], 2)],
        values: int64s([1n]),
      }),
    ];
    const column = { schema: listSchema('ids'), entries: 1, pages };
    await expectFault(sketch(column, 1), IDS, 'its first page begins within a row');
  });

  it.each([
    ['after nothing', [0, 1], [1, 3]],
    ['with nothing', [0, 1], [3, 1]],
    ['where no list is', [0, 1], [0, 3]],
  ])('of a list that goes on %s', async (_, repetition, definition) => {
    const ofLevels = [levels(repetition, 1), levels(definition, 2)];
    const pages = [dataPage({ entries: 2, levels: ofLevels, values: int64s([1n]) })];
    const column = { schema: listSchema('ids'), entries: 2, pages };
    await expectFault(
      sketch(column, 1),
      IDS,
      'row 0 (row group 0, page 0): a list goes on that is',
    );
  });

  it.each([
    [1, 'goes on after the row group ends'],
    [3, 'ends before the row group does'],
  ])('of two rows where there are %i', async (rows, text) => {
    await expectFault(sketch(listColumn('ids', [[1n], [2n, 3n]]), rows), IDS, text);
  });
});

describe('a dictionary', () => {
  const indices = (index: number) =>
    dataPage({
      entries: 3,
      values: Uint8Array.of(8, 6, index),
      encoding: 'RLE_DICTIONARY',
    });
  const counted = (num_values: number) => ({
    dictionary_page_header: { num_values, encoding: 'PLAIN' },
  });

  it.each<[string, readonly SketchPage[], RegExp]>([
    ['that is not there', [indices(0)], /needs a dictionary that is not there/],
    ['that an index misses', [dictionaryPage([7n]), indices(1)], /index 1 into a dictionary of 1/],
    [
      'of more values than bytes',
      [dictionaryPage([7n], counted(100)), indices(0)],
      /its dictionary has 8 bytes for 100 values/,
    ],
    [
      'that comes twice',
      [dictionaryPage([7n]), dictionaryPage([7n]), indices(0)],
      /a dictionary that is not the first page/,
    ],
  ])('%s', async (_, pages, text) => {
    await expectFault(sketch(ofPages(pages, 3)), ID, text);
  });

  it.each([33, 64, 255])('with indices of %i bits', async (width) => {
    const values = Uint8Array.of(width, 6, 0, 0, 0, 0, 0, 0, 0, 0);
    const wide = dataPage({ entries: 3, values, encoding: 'RLE_DICTIONARY' });
    await expectFault(sketch(ofPages([dictionaryPage([7n]), wide], 3)), ID, `of ${width} bits`);
  });
});

describe('differences', () => {
  const delta = (...bytes: number[]) =>
    sketch(
      ofPages(
        [
          dataPage({
            entries: 3,
            values: Uint8Array.from(bytes),
            encoding: 'DELTA_BINARY_PACKED',
          }),
        ],
        3,
      ),
    );

  it.each<[string, number[], RegExp]>([
    ['in no miniblocks', [128, 1, 0, 3, 2], /blocks of 128 values in 0 miniblocks/],
    ['in blocks of nothing', [0, 4, 3, 2], /blocks of 0 values in 4/],
    ['of 65 bits', [128, 1, 4, 3, 2, 2, 65, 0, 0, 0], /differences of 65 bits/],
    ['of fewer values', [128, 1, 4, 2, 2, 2, 0, 0, 0, 0], /ends too soon/],
    ['of more values', [128, 1, 4, 9, 2, 2, 0, 0, 0, 0], /6 values are more than the page's/],
    ['that end', [128, 1, 4, 3, 2, 2, 8, 8, 8, 8, 1], /ends too soon/],
  ])('%s', async (_, bytes, text) => {
    await expectFault(delta(...bytes), ID, text);
  });

  it('of billions that are all the same', async () => {
    await expectFault(delta(128, 1, 4, 0xff, 0xff, 0xff, 0x7f, 2, 2, 0, 0, 0, 0), ID, /are more/);
  });
});

describe('compressed bytes', () => {
  const compressed = (codec: string, bytes: Uint8Array, size = 24) => {
    const header = {
      ...page.header,
      ...{ compressed_page_size: bytes.length, uncompressed_page_size: size },
    };
    return sketch(ofPages([{ header, bytes }], 3, { codec }));
  };
  const zeros = new Uint8Array(2 ** 24);

  it.each<[string, string, Uint8Array, RegExp]>([
    ['that inflate further', 'GZIP', zlib.gzipSync(zeros), /gzip: .*larger than 24 bytes/],
    ['that go on further', 'BROTLI', zlib.brotliCompressSync(zeros), /Brotli: .*than 24 bytes/],
    ['that are fewer', 'GZIP', zlib.gzipSync(new Uint8Array(9)), /to 9 bytes, not to 24/],
    ['that are none', 'GZIP', Uint8Array.of(1, 2, 3), /gzip: /],
    ['that are no frame', 'ZSTD', Uint8Array.of(1, 2, 3), /Zstandard: /],
    ['of another length', 'SNAPPY', Uint8Array.of(25, 0, 1), /to 25 bytes, not to 24/],
    ['that go back too far', 'SNAPPY', Uint8Array.of(24, 0, 1, 21, 2), /begins 2 bytes back of 1/],
    ['that go back nowhere', 'SNAPPY', Uint8Array.of(24, 0, 1, 21, 0), /begins 0 bytes back/],
    // A literal of 2^32 bytes: with signed arithmetic the reader went back to the start, for ever.
    ['of long literals', 'SNAPPY', Uint8Array.of(24, 0xfc, 255, 255, 255, 255), /4294967296 bytes/],
    ['that copy too much', 'SNAPPY', Uint8Array.of(24, 0, 1, 254, 1, 0), /more than the 24 bytes/],
    ['that end', 'LZ4_RAW', Uint8Array.of(0xf0), /LZ4: ends too soon/],
    ['of long literals', 'LZ4_RAW', new Uint8Array(4000).fill(255), /LZ4: /],
    ['of frames that hold nothing', 'LZ4', new Uint8Array(64), /LZ4 \(Hadoop\): /],
  ])('%s, %s', async (_, codec, bytes, text) => {
    await expectFault(compressed(codec, bytes), ID, text);
  });
});

describe('a column that is none of ids', () => {
  const flat = (over: Partial<SchemaElement>) => sketch(idColumn('id', [1n, 2n], over));
  const must = 'column id must be a column of integers (INT64 or INT32, signed or not); got';

  it.each<[string, Partial<SchemaElement>]>([
    ['DOUBLE', { type: 'DOUBLE' }],
    ['FLOAT', { type: 'FLOAT' }],
    ['BOOLEAN', { type: 'BOOLEAN' }],
    ['INT96', { type: 'INT96' }],
    ['BYTE_ARRAY (STRING)', { type: 'BYTE_ARRAY', converted_type: 'UTF8' }],
    [
      'FIXED_LEN_BYTE_ARRAY (UUID)',
      { type: 'FIXED_LEN_BYTE_ARRAY', logical_type: { type: 'UUID' } },
    ],
    ['FIXED_LEN_BYTE_ARRAY', { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 8 }],
    ['INT64 (DECIMAL)', { converted_type: 'DECIMAL', scale: 2, precision: 18 }],
    ['INT64 (TIMESTAMP_MICROS)', { converted_type: 'TIMESTAMP_MICROS' }],
    [
      'INT64 (TIMESTAMP)',
      { logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' } },
    ],
    ['INT32 (DATE)', { type: 'INT32', converted_type: 'DATE' }],
    ['lists of INT64', { repetition_type: 'REPEATED' }],
  ])('but of %s', async (type, over) => {
    await expectFault(flat(over), ID, `${must} ${type}`);
  });

  it('but of nulls, and has a value', async () => {
    const over = { type: 'INT32', logical_type: { type: 'NULL' } } as const;
    const text = 'column id, row 0 (row group 0, page 0): has a value, where the schema says';
    await expectFault(flat(over), { id: 'ids' }, text);
  });

  it('but a group', async () => {
    const schema: SchemaElement[] = [
      { name: 'id', repetition_type: 'OPTIONAL', num_children: 1 },
      element('part'),
    ];
    const column = { schema, entries: 1, pages: [page] };
    await expectFault(sketch(column), ID, `${must} a group with a column of INT64`);
  });

  it('but of single ids where there must be lists, or of lists of lists', async () => {
    const text = 'must be a column of lists of integers (INT64 or INT32, signed or not); got';
    await expectFault(sketch(THREE), { id: 'ids' }, `column id ${text} INT64`);
    const [list, repeated, value] = listSchema('ids');
    const inner = { ...value!, repetition_type: 'REPEATED' as const };
    const column = { schema: [list!, repeated!, inner], entries: 1, pages: [page] };
    await expectFault(sketch(column), IDS, `column ids ${text} lists of lists of INT64`);
  });

  it.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('but holds %d', async (value) => {
    const values = new Uint8Array(Float64Array.of(1, value).buffer);
    const column: SketchColumn = {
      schema: [element('ids', { type: 'DOUBLE', repetition_type: 'REPEATED' })],
      entries: 2,
      pages: [dataPage({ entries: 2, levels: [levels([0, 0], 1), levels([1, 1], 1)], values })],
    };
    const text = `column ids, row 1 (row group 0, page 0): must be whole numbers; got ${value}`;
    await expectFault(sketch(column), { ids: 'numbers' }, text);
  });
});
