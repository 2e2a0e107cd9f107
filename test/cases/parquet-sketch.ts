/** Parquet files of any shape, right or wrong in every byte: pages and what the footer claims of them. */
import type { Encoding, FileMetaData, PageHeader, SchemaElement } from 'hyparquet';
import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';

type Chunk = FileMetaData['row_groups'][number]['columns'][number];
type ChunkClaims = Partial<NonNullable<Chunk['meta_data']>>;

export interface SketchPage {
  readonly header: PageHeader;
  readonly bytes: Uint8Array;
}

export interface SketchColumn {
  /** From the column of the table down, one child each. */
  readonly schema: readonly SchemaElement[];
  readonly entries: number;
  readonly pages: readonly SketchPage[];
  /** What the footer says otherwise. */
  readonly claims?: ChunkClaims;
}

export interface SketchGroup {
  readonly rows: number;
  readonly columns: readonly SketchColumn[];
}

const MAGIC = 0x31524150;

export function parquetSketch(
  groups: readonly SketchGroup[],
  claims: Partial<FileMetaData> = {},
): Uint8Array {
  const writer = new ByteWriter();
  writer.appendUint32(MAGIC);
  const row_groups = groups.map(({ rows, columns }) => ({
    columns: columns.map((column) => writeChunk(writer, column)),
    total_byte_size: 0n,
    num_rows: BigInt(rows),
  }));
  const columns = groups[0]?.columns ?? [];
  const root: SchemaElement = { name: 'schema', num_children: columns.length };
  writeMetadata(writer, {
    version: 2,
    schema: [root, ...columns.flatMap(({ schema }) => schema)],
    num_rows: BigInt(groups.reduce((sum, { rows }) => sum + rows, 0)),
    row_groups,
    metadata_length: 0,
    ...claims,
  });
  writer.appendUint32(MAGIC);
  return new Uint8Array(writer.getBuffer());
}

function writeChunk(writer: ByteWriter, { schema, entries, pages, claims }: SketchColumn): Chunk {
  const start = writer.offset;
  for (const { header, bytes } of pages) {
    writePageHeader(writer, header);
    writer.appendBytes(bytes);
  }
  const size = BigInt(writer.offset - start);
  return {
    file_offset: BigInt(start),
    meta_data: {
      type: schema.at(-1)!.type!,
      path_in_schema: schema.map(({ name }) => name),
      ...{ codec: 'UNCOMPRESSED', encodings: ['PLAIN', 'RLE'] },
      num_values: BigInt(entries),
      ...{ total_compressed_size: size, total_uncompressed_size: size },
      data_page_offset: BigInt(start),
      ...claims,
    },
  };
}

export interface PageParts {
  readonly entries: number;
  /** Levels of version 1 with their lengths, repetition first. */
  readonly levels?: readonly Uint8Array[];
  readonly values: Uint8Array;
  readonly encoding?: Encoding;
  readonly claims?: Partial<PageHeader>;
}

export function dataPage(parts: PageParts): SketchPage {
  const { entries, levels = [], values, encoding = 'PLAIN', claims } = parts;
  const bytes = joined(...levels, values);
  const header: PageHeader = {
    type: 'DATA_PAGE',
    uncompressed_page_size: bytes.length,
    compressed_page_size: bytes.length,
    data_page_header: {
      num_values: entries,
      encoding,
      ...{ definition_level_encoding: 'RLE', repetition_level_encoding: 'RLE' },
    },
    ...claims,
  };
  return { header, bytes };
}

export function dictionaryPage(values: readonly bigint[], claims = {}): SketchPage {
  const bytes = int64s(values);
  const header: PageHeader = {
    type: 'DICTIONARY_PAGE',
    ...{ uncompressed_page_size: bytes.length, compressed_page_size: bytes.length },
    dictionary_page_header: { num_values: values.length, encoding: 'PLAIN' },
    ...claims,
  };
  return { header, bytes };
}

/** Levels as version 1 has them. */
export function levels(numbers: readonly number[], bits: number): Uint8Array {
  const runs = new ByteWriter();
  writeRleBitPackedHybrid(runs, [...numbers], bits);
  return joined(uint32(runs.offset), runs.getBytes());
}

export const uint32 = (value: number): Uint8Array => new Uint8Array(Uint32Array.of(value).buffer);

export const int64s = (values: readonly bigint[]): Uint8Array =>
  new Uint8Array(BigInt64Array.from(values).buffer);

export const joined = (...parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(Buffer.concat(parts));

export const element = (name: string, over: Partial<SchemaElement> = {}): SchemaElement => ({
  ...{ name, type: 'INT64', repetition_type: 'REQUIRED', ...over },
});

/** A required column of one page. */
export function idColumn(
  name: string,
  ids: readonly bigint[],
  over: Partial<SchemaElement> = {},
): SketchColumn {
  return {
    schema: [element(name, over)],
    entries: ids.length,
    pages: [dataPage({ entries: ids.length, values: int64s(ids) })],
  };
}

const LIST: Partial<SchemaElement> = { converted_type: 'LIST', num_children: 1 };

/** The schema of a list of optional values in an optional list. */
export const listSchema = (name: string, over: Partial<SchemaElement> = {}): SchemaElement[] => [
  { name, repetition_type: 'OPTIONAL', ...LIST },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  element('element', { repetition_type: 'OPTIONAL', ...over }),
];

/** Entries of such lists: null for a list that is not there, and for a value that is not there. */
export function listEntries(rows: readonly (readonly (bigint | null)[] | null)[]) {
  const entries = rows.flatMap((row) => {
    if (row === null) return [{ repetition: 0, definition: 0, value: null }];
    if (row.length === 0) return [{ repetition: 0, definition: 1, value: null }];
    return row.map((value, at) => ({
      repetition: at === 0 ? 0 : 1,
      definition: value === null ? 2 : 3,
      value,
    }));
  });
  return entries;
}

type ListEntries = ReturnType<typeof listEntries>;

export function listPage(entries: ListEntries): SketchPage {
  const repetition = levels(
    entries.map((entry) => entry.repetition),
    1,
  );
  const definition = levels(
    entries.map((entry) => entry.definition),
    2,
  );
  const values = int64s(entries.flatMap(({ value }) => (value === null ? [] : [value])));
  return dataPage({ entries: entries.length, levels: [repetition, definition], values });
}

export function listColumn(
  name: string,
  rows: readonly (readonly (bigint | null)[] | null)[],
): SketchColumn {
  const entries = listEntries(rows);
  return { schema: listSchema(name), entries: entries.length, pages: [listPage(entries)] };
}
