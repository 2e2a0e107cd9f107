/** Parquet files of all shapes with something wrong: in a claim of the footer, a header, a run or any byte. */
import * as zlib from 'node:zlib';
import type { PageHeader, SchemaElement } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { deltaBinaryPack } from 'hyparquet-writer/src/delta.js';
import { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js';
import { snappyCompress } from 'hyparquet-writer/src/snappy.js';
import type { Columns } from '../../lib/cli/parquet/file-metadata.js';
import {
  dataPage,
  dictionaryPage,
  element,
  int64s,
  joined,
  levels,
  listEntries,
  listPage,
  listSchema,
  parquetSketch,
  type SketchColumn,
  type SketchGroup,
  type SketchPage,
} from '../cases/parquet-sketch.js';
import type { Random } from '../cases/random.js';
import { storedLz4, storedZstd } from '../cases/stored-pages.js';

export const COLUMNS: Columns = { id: 'id', attribute: 'id', ids: 'ids' };

const DEFLATERS = {
  UNCOMPRESSED: (bytes: Uint8Array) => bytes,
  GZIP: (bytes: Uint8Array) => zlib.gzipSync(bytes),
  BROTLI: (bytes: Uint8Array) => zlib.brotliCompressSync(bytes),
  SNAPPY: (bytes: Uint8Array) => snappyCompress(bytes),
  ZSTD: storedZstd,
  LZ4_RAW: storedLz4,
};
type Codec = keyof typeof DEFLATERS;
const CODECS = Object.keys(DEFLATERS) as Codec[];

/** For the other reader, which brings Snappy along. */
export const INFLATERS = {
  GZIP: (bytes: Uint8Array, size: number) => zlib.gunzipSync(bytes, { maxOutputLength: size + 1 }),
  BROTLI: (bytes: Uint8Array, size: number) =>
    zlib.brotliDecompressSync(bytes, { maxOutputLength: size + 1 }),
};

/** A file with one fault, now and then with more, and sometimes with none. */
export function damagedParquet(random: Random): Uint8Array {
  const groups = Array.from({ length: random.integer(1, 3) }, () => drawnGroup(random));
  if (random.chance(0.5)) damageSketch(groups, random);
  let bytes = parquetSketch(groups);
  while (random.chance(0.5)) bytes = damagedBytes(bytes, random);
  return bytes;
}

function drawnGroup(random: Random): SketchGroup {
  const rows = random.pick([0, 1, 2, 3, 8, 9, random.integer(4, 70)]);
  const codec = random.pick(CODECS);
  return {
    rows,
    columns: [
      drawnIds('id', rows, false, codec, random),
      drawnIds('attribute', rows, true, codec, random),
      drawnLists('ids', rows, codec, random),
    ],
  };
}

const drawnId = (random: Random): bigint =>
  random.pick([0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n), BigInt(random.integer(-1000, 1000))]);

function drawnIds(
  name: string,
  rows: number,
  isOptional: boolean,
  codec: Codec,
  random: Random,
): SketchColumn {
  const over: Partial<SchemaElement> = isOptional ? { repetition_type: 'OPTIONAL' } : {};
  const unsigned = random.chance(0.2) ? { converted_type: 'UINT_64' as const } : {};
  const encoding = random.pick(['PLAIN', 'RLE_DICTIONARY', 'DELTA_BINARY_PACKED'] as const);
  const dictionary = Array.from({ length: random.integer(1, 9) }, () => drawnId(random));
  const pages: SketchPage[] = encoding === 'RLE_DICTIONARY' ? [dictionaryPage(dictionary)] : [];
  for (let left = rows; left > 0; ) {
    const entries = random.integer(random.chance(0.1) ? 0 : 1, left);
    left -= entries;
    const definition = Array.from({ length: entries }, () =>
      isOptional && random.chance(0.3) ? 0 : 1,
    );
    const count = definition.filter((level) => level === 1).length;
    const indices = Array.from({ length: count }, () => random.integer(0, dictionary.length - 1));
    const values = encodedValues(encoding, dictionary, indices);
    const ofLevels = isOptional ? [levels(definition, 1)] : [];
    pages.push(dataPage({ entries, levels: ofLevels, values, encoding }));
  }
  return compressed(
    { schema: [element(name, { ...over, ...unsigned })], entries: rows, pages },
    codec,
  );
}

function encodedValues(
  encoding: 'PLAIN' | 'RLE_DICTIONARY' | 'DELTA_BINARY_PACKED',
  dictionary: readonly bigint[],
  indices: readonly number[],
): Uint8Array {
  const ids = indices.map((index) => dictionary[index]!);
  if (encoding === 'PLAIN') return int64s(ids);
  const writer = new ByteWriter();
  if (encoding === 'DELTA_BINARY_PACKED') {
    deltaBinaryPack(writer, ids, 'INT64');
    return writer.getBytes();
  }
  const bits = Math.max(1, 32 - Math.clz32(dictionary.length - 1));
  writeRleBitPackedHybrid(writer, [...indices], bits);
  return joined(Uint8Array.of(bits), writer.getBytes());
}

function drawnLists(name: string, rows: number, codec: Codec, random: Random): SketchColumn {
  const lists = Array.from({ length: rows }, () =>
    random.chance(0.1)
      ? null
      : Array.from({ length: random.integer(0, 12) }, () =>
          random.chance(0.1) ? null : drawnId(random),
        ),
  );
  const entries = listEntries(lists);
  const pages: SketchPage[] = [];
  for (let first = 0; first < entries.length; ) {
    const end = first + random.integer(1, random.pick([2, 30, entries.length]));
    pages.push(listPage(entries.slice(first, end)));
    first = end;
  }
  return compressed({ schema: listSchema(name), entries: entries.length, pages }, codec);
}

function compressed(column: SketchColumn, codec: Codec): SketchColumn {
  const pages = column.pages.map(({ header, bytes }) => {
    const deflated = DEFLATERS[codec](bytes);
    return { header: { ...header, compressed_page_size: deflated.length }, bytes: deflated };
  });
  return { ...column, pages, claims: { codec } };
}

const NUMBERS = [0, 1, 2, 3, 7, 8, 64, 255, 65_536, 2 ** 24, 2 ** 30, 2 ** 31 - 1, -1, -(2 ** 31)];

function otherNumber(value: number, random: Random): number {
  return random.chance(0.5) ? value + random.integer(-3, 3) : random.pick(NUMBERS);
}

/** Of one column: a claim of the footer, a field of a page's header, the order of its pages, or a page's bytes. */
function damageSketch(groups: SketchGroup[], random: Random): void {
  const at = random.integer(0, groups.length - 1);
  const group = groups[at]!;
  if (random.chance(0.15)) {
    groups[at] = { ...group, rows: Math.max(0, otherNumber(group.rows, random)) };
    return;
  }
  const which = random.integer(0, group.columns.length - 1);
  const columns = [...group.columns];
  columns[which] = damagedColumn(columns[which]!, random);
  groups[at] = { ...group, columns };
}

function damagedColumn(column: SketchColumn, random: Random): SketchColumn {
  const { pages, claims, entries } = column;
  const page = random.integer(0, pages.length - 1);
  switch (random.integer(0, 5)) {
    case 0:
      return { ...column, entries: otherNumber(entries, random) };
    case 1: {
      const field = random.pick([
        ...['data_page_offset', 'dictionary_page_offset', 'total_compressed_size'],
      ]);
      const offset = BigInt(random.pick([random.integer(0, 400), ...NUMBERS]));
      return { ...column, claims: { ...claims, [field]: offset } };
    }
    case 2:
      return { ...column, claims: { ...claims, codec: random.pick(CODECS) } };
    case 3:
      return { ...column, pages: [...pages.slice(page), ...pages.slice(0, page)] };
    case 4:
      return { ...column, pages: pages.filter((_, at) => at !== page) };
    default:
      if (pages.length === 0) return column;
      return { ...column, pages: pages.with(page, damagedPage(pages[page]!, random)) };
  }
}

function damagedPage({ header, bytes }: SketchPage, random: Random): SketchPage {
  if (random.chance(0.4)) return { header, bytes: damagedBytes(bytes, random) };
  const sizes = ['uncompressed_page_size', 'compressed_page_size'] as const;
  const of = random.pick(sizes);
  if (random.chance(0.5)) {
    return { header: { ...header, [of]: otherNumber(header[of], random) }, bytes };
  }
  return { header: otherCounts(header, random), bytes };
}

function otherCounts(header: PageHeader, random: Random): PageHeader {
  const { data_page_header: data, dictionary_page_header: dictionary } = header;
  const change = <T extends { num_values: number }>(counts: T) => ({
    ...counts,
    num_values: otherNumber(counts.num_values, random),
    ...(random.chance(0.3) && {
      encoding: random.pick(['PLAIN', 'RLE_DICTIONARY', 'RLE'] as const),
    }),
  });
  return {
    ...header,
    ...(data && { data_page_header: change(data) }),
    ...(dictionary && { dictionary_page_header: change(dictionary) }),
  };
}

/** Bits turned, bytes replaced by those that mean much, a stretch copied or cut out. */
function damagedBytes(from: Uint8Array, random: Random): Uint8Array {
  if (from.length === 0) return from;
  const bytes = from.slice();
  const at = random.integer(0, bytes.length - 1);
  // Near the end, as often as not: the footer is there.
  const place = random.chance(0.5) ? at : Math.max(0, bytes.length - 1 - random.integer(0, 300));
  switch (random.integer(0, 5)) {
    case 0:
      bytes.copyWithin(place, at, at + random.integer(1, 12));
      return bytes;
    case 1:
      return joined(bytes.subarray(0, place), bytes.subarray(place + random.integer(1, 4)));
    case 2:
      bytes[place] = random.pick([0, 1, 0x7f, 0x80, 0xfe, 0xff, 0x15, 0x1c, 0x19]);
      return bytes;
    default:
      bytes[place]! ^= 1 << random.integer(0, 7);
      return bytes;
  }
}
