/** Parquet files as their writers write them are read as they were meant. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SchemaElement } from 'hyparquet';
import { describe, expect, it } from 'vitest';
import type { Columns } from '../lib/cli/parquet/file-metadata.js';
import { type Read, readBytes, readParquet } from './cases/parquet-rows.js';
import {
  dataPage,
  dictionaryPage,
  element,
  idColumn,
  int64s,
  joined,
  levels,
  listColumn,
  listEntries,
  listPage,
  listSchema,
  parquetSketch,
  type SketchColumn,
  uint32,
} from './cases/parquet-sketch.js';

const golden = join(__dirname, 'golden', 'parquet');

const COLUMNS: Columns = {
  ...{ '129_1': 'id', '130_1': 'id', '150_2_180': 'ids', label_0: 'numbers' },
};

type Text = string | null | readonly string[];

/** As write.py writes rows.json. */
const asWritten = (rows: readonly Read[]) =>
  rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        value === null || typeof value === 'bigint' ? value?.toString() : value.map(String),
      ]),
    ),
  );

describe('of the reference implementation, DuckDB and Polars', () => {
  const rows: Record<string, Text>[] = JSON.parse(readFileSync(join(golden, 'rows.json'), 'utf8'));
  // A list that is not there is an empty one.
  const expected = rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => {
        return [name, value ?? (COLUMNS[name] === 'ids' ? [] : undefined)];
      }),
    ),
  );

  it.each(readdirSync(golden).filter((name) => name.endsWith('.parquet')))('%s', async (name) => {
    expect(asWritten(await readParquet(join(golden, name), COLUMNS))).toEqual(expected);
  });
});

const read = async (columns: readonly SketchColumn[], rows: number, kinds: Columns) =>
  readBytes(parquetSketch([{ rows, columns }]), kinds);

describe('lists', () => {
  const lists = [[1n, 2n], [], null, [3n], [4n, null, 5n], [6n]];
  const expected = [[1n, 2n], [], [], [3n], [4n, 0n, 5n], [6n]].map((ids) => ({ ids }));

  it.each([1, 2, 3, 4, 100])(
    'whose rows go on from page to page, %i entries each',
    async (size) => {
      const entries = listEntries(lists);
      const pages = Array.from({ length: Math.ceil(entries.length / size) }, (_, at) =>
        listPage(entries.slice(at * size, (at + 1) * size)),
      );
      const column = { schema: listSchema('ids'), entries: entries.length, pages };
      expect(await read([column], lists.length, { ids: 'ids' })).toEqual(expected);
    },
  );

  it('of one level: a repeated column, whose rows go on from page to page', async () => {
    const page = (repetition: number[], definition: number[], values: bigint[]) =>
      dataPage({
        entries: repetition.length,
        levels: [levels(repetition, 1), levels(definition, 1)],
        values: int64s(values),
      });
    const column = {
      schema: [element('ids', { repetition_type: 'REPEATED' })],
      entries: 6,
      pages: [
        page([0, 1], [1, 1], [1n, 2n]),
        page([1, 0, 0], [1, 0, 1], [3n, 4n]),
        page([1], [1], [5n]),
      ],
    };
    const rows = [[1n, 2n, 3n], [], [4n, 5n]].map((ids) => ({ ids }));
    expect(await read([column], 3, { ids: 'ids' })).toEqual(rows);
  });

  it('of two levels, as older writers have them', async () => {
    const schema: SchemaElement[] = [
      { name: 'ids', repetition_type: 'REQUIRED', num_children: 1, converted_type: 'LIST' },
      element('array', { repetition_type: 'REPEATED' }),
    ];
    const page = dataPage({
      entries: 3,
      levels: [levels([0, 1, 0], 1), levels([1, 1, 0], 1)],
      values: int64s([1n, 2n]),
    });
    const rows = [{ ids: [1n, 2n] }, { ids: [] }];
    expect(await read([{ schema, entries: 3, pages: [page] }], 2, { ids: 'ids' })).toEqual(rows);
  });
});

describe('as fastparquet writes them', () => {
  it('with zeros behind the values', async () => {
    const values = joined(int64s([1n, 0n]), new Uint8Array(8));
    const column = {
      schema: [element('id')],
      entries: 2,
      pages: [dataPage({ entries: 2, values })],
    };
    expect(await read([column], 2, { id: 'id' })).toEqual([{ id: 1n }, { id: 0n }]);
  });

  it('with the repetition as a flag', async () => {
    const bytes = parquetSketch([{ rows: 2, columns: [idColumn('id', [5n, 6n])] }]);
    // The repetition of the column, field 3: an integer of 32 bits that is 0, before its name.
    const name = Buffer.from(bytes).lastIndexOf(Buffer.from([0x25, 0, 0x18, 2, 0x69, 0x64]));
    expect(name).toBeGreaterThan(0);
    const flagged = Buffer.concat([
      ...[bytes.subarray(0, name), Uint8Array.of(0x22), bytes.subarray(name + 2, -8)],
      ...[uint32(new DataView(bytes.buffer).getUint32(bytes.length - 8, true) - 1)],
      bytes.subarray(-4),
    ]);
    expect(await readBytes(flagged, { id: 'id' })).toEqual([{ id: 5n }, { id: 6n }]);
  });
});

describe('columns that had nothing to tell their type', () => {
  const nulls = (rows: number): SketchColumn => ({
    schema: [
      element('ids', {
        ...{ type: 'INT32', repetition_type: 'OPTIONAL' },
        logical_type: { type: 'NULL' },
      }),
    ],
    entries: rows,
    pages: [
      dataPage({
        ...{ entries: rows, values: new Uint8Array() },
        levels: [levels(new Array<number>(rows).fill(0), 1)],
      }),
    ],
  });

  it.each(['ids', 'numbers'] as const)('are of %s that are not there', async (kind) => {
    expect(await read([nulls(2)], 2, { ids: kind })).toEqual([{ ids: [] }, { ids: [] }]);
  });

  it('are of null ids', async () => {
    expect(await read([nulls(2)], 2, { ids: 'id' })).toEqual([{ ids: null }, { ids: null }]);
  });

  it.each(['ids', 'id', 'numbers'] as const)(
    'may be of any type without rows: %s',
    async (kind) => {
      const none: SketchColumn = {
        schema: [element('ids', { type: 'DOUBLE' })],
        ...{ entries: 0, pages: [] },
      };
      expect(await read([none], 0, { ids: kind })).toEqual([]);
    },
  );
});

it('passes over columns that nobody asks for, two of one name among them', async () => {
  const columns = [idColumn('more', [8n]), idColumn('id', [1n]), idColumn('more', [9n])];
  expect(await read(columns, 1, { id: 'id' })).toEqual([{ id: 1n }]);
});

describe('pages of nothing', () => {
  const empty = dataPage({ entries: 0, values: new Uint8Array() });
  const page = (ids: readonly bigint[]) => dataPage({ entries: ids.length, values: int64s(ids) });

  it.each([
    ['first', [empty, page([1n, 2n])]],
    ['between', [page([1n]), empty, empty, page([2n])]],
    ['last', [page([1n, 2n]), empty]],
  ])('%s', async (_, pages) => {
    const column = { schema: [element('id')], entries: 2, pages };
    expect(await read([column], 2, { id: 'id' })).toEqual([{ id: 1n }, { id: 2n }]);
  });

  it('whose levels have no bytes, and an index page', async () => {
    const index = { header: { ...empty.header, type: 'INDEX_PAGE' as const }, bytes: empty.bytes };
    const pages = [index, empty, ...listColumn('ids', [[7n]]).pages, empty];
    const column = { schema: listSchema('ids'), entries: 1, pages };
    expect(await read([column], 1, { ids: 'ids' })).toEqual([{ ids: [7n] }]);
  });

  it('in row groups of nothing, and a file of none', async () => {
    const none = { rows: 0, columns: [{ schema: [element('id')], entries: 0, pages: [] }] };
    const some = { rows: 1, columns: [idColumn('id', [9n])] };
    expect(await readBytes(parquetSketch([none, some, none]), { id: 'id' })).toEqual([{ id: 9n }]);
    expect(await readBytes(parquetSketch([none]), { id: 'id' })).toEqual([]);
  });
});

const BITS = [0n, 1n, 2n ** 63n - 1n, -(2n ** 63n), -1n];

describe('ids', () => {
  it.each([
    ['signed', {}],
    ['unsigned by the old annotation', { converted_type: 'UINT_64' as const }],
    ['unsigned', { logical_type: { type: 'INTEGER' as const, bitWidth: 64, isSigned: false } }],
  ])('%s are their 64 bits, of rows and in lists', async (_, over) => {
    const list = listColumn('ids', [BITS]);
    const columns = [
      idColumn('id', BITS, over),
      { ...list, schema: listSchema('ids', over) },
    ] as const;
    const [id, ids] = columns;
    expect(await read([id], BITS.length, { id: 'id' })).toEqual(BITS.map((bits) => ({ id: bits })));
    expect(await read([ids], 1, { ids: 'ids' })).toEqual([{ ids: BITS }]);
  });

  it.each([
    ['signed', {}, [0n, 7n, -1n, -(2n ** 31n)]],
    ['unsigned', { converted_type: 'UINT_32' as const }, [0n, 7n, 2n ** 32n - 1n, 2n ** 31n]],
  ])('of 32 bits, %s, keep their value', async (_, over, expected) => {
    const values = new Uint8Array(Int32Array.of(0, 7, -1, -(2 ** 31)).buffer);
    const schema = [element('id', { type: 'INT32', ...over })];
    const column = { schema, entries: 4, pages: [dataPage({ entries: 4, values })] };
    expect(await read([column], 4, { id: 'id' })).toEqual(expected.map((id) => ({ id })));
  });
});

describe('a dictionary', () => {
  const indices = joined(Uint8Array.of(2), Uint8Array.of(8, 1), Uint8Array.of(2, 0));
  const page = dataPage({ entries: 5, values: indices, encoding: 'RLE_DICTIONARY' });
  const expected = [8n, 8n, 8n, 8n, 5n].map((id) => ({ id }));

  it.each([
    ['at the offset of its own', true],
    ['before the pages of data, without an offset', false],
  ])('%s', async (_, isSaid) => {
    const pages = [dictionaryPage([5n, 8n]), page];
    const column = { schema: [element('id')], entries: 5, pages };
    const claims = isSaid ? { dictionary_page_offset: 4n, data_page_offset: 40n } : {};
    expect(await read([{ ...column, claims }], 5, { id: 'id' })).toEqual(expected);
  });
});

describe('LZ4', () => {
  const ids = Array.from({ length: 40 }, (_, at) => BigInt(at % 3));
  const plain = int64s(ids);
  /** Literals alone, then eight of them again and again, of overlapping bytes. */
  const block = joined(
    Uint8Array.of(0xf0 | 0x0f, 24 - 15),
    plain.subarray(0, 24),
    Uint8Array.of(24, 0, 255, plain.length - 24 - 12 - 4 - 15 - 255),
    Uint8Array.of(0xc0),
    plain.subarray(-12),
  );
  const bigEndian = (value: number) => uint32(value).reverse();

  it.each([
    ['bare', 'LZ4_RAW' as const, block],
    ['bare, under the old name', 'LZ4' as const, block],
    [
      'framed as by Hadoop',
      'LZ4' as const,
      joined(bigEndian(plain.length), bigEndian(block.length), block),
    ],
  ])('%s', async (_, codec, bytes) => {
    const header = {
      ...dataPage({ entries: ids.length, values: plain }).header,
      compressed_page_size: bytes.length,
    };
    const column = {
      ...{ schema: [element('id')], entries: ids.length, pages: [{ header, bytes }] },
      claims: { codec },
    };
    expect(await read([column], ids.length, { id: 'id' })).toEqual(ids.map((id) => ({ id })));
  });
});
