/**
 * Parquet files whose lists go on from one page in the next, as data page v1 allows. The writer of the tests'
 * data begins every page with a row, so its files are written anew here.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { type DecodedArray, type FileMetaData, parquetMetadata, parquetSchema } from 'hyparquet';
import { parquetHeader, readColumn } from 'hyparquet/src/column.js';
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { readDataPage } from 'hyparquet/src/datapage.js';
import { getTreePath } from 'hyparquet/src/schema.js';
import { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { encodeNestedValues } from 'hyparquet-writer/src/dremel.js';
import { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import { writePlain } from 'hyparquet-writer/src/plain.js';

type RowGroup = FileMetaData['row_groups'][number];
type Chunk = RowGroup['columns'][number];
type Decoder = Parameters<typeof readColumn>[2];

const MAGIC = 0x31524150;

/** The file anew with `entries` values and nulls on every page of its list columns; flat columns as they are. */
export function splitRows(path: string, entries: number): void {
  const from = readFileSync(path).buffer;
  const metadata = parquetMetadata(from);
  const writer = new ByteWriter();
  writer.appendUint32(MAGIC);
  const groups = metadata.row_groups.map((group): RowGroup => {
    const columns = group.columns.map((chunk) => {
      const decoder = decoderOf(metadata, chunk);
      const bytes = bytesOf(from, chunk);
      if (decoder.schemaPath.length < 3) return copiedChunk(writer, chunk, bytes);
      return splitChunk(writer, chunk, decoder, rowsOf(bytes, decoder, group), entries);
    });
    return { columns, total_byte_size: group.total_byte_size, num_rows: group.num_rows };
  });
  writeMetadata(writer, { ...metadata, row_groups: groups });
  writer.appendUint32(MAGIC);
  writeFileSync(path, writer.getBytes());
}

/** Data pages of the column, and those of them that begin within a row. */
export function pagesOf(path: string, column: string): { pages: number; withinRow: number } {
  const from = readFileSync(path).buffer;
  const metadata = parquetMetadata(from);
  let [pages, withinRow] = [0, 0];
  for (const { columns } of metadata.row_groups) {
    const chunk = columns.find(({ meta_data }) => meta_data!.path_in_schema[0] === column)!;
    const decoder = decoderOf(metadata, chunk);
    const bytes = bytesOf(from, chunk);
    for (let offset = 0; offset < bytes.length; ) {
      const reader = readerOf(bytes.subarray(offset));
      const { data_page_header: header, compressed_page_size: size } = parquetHeader(reader);
      const page = bytes.subarray(offset + reader.offset, offset + reader.offset + size);
      const { repetitionLevels } = readDataPage(page, header!, decoder);
      pages += 1;
      withinRow += repetitionLevels[0] === 0 ? 0 : 1;
      offset += reader.offset + size;
    }
  }
  return { pages, withinRow };
}

function decoderOf(metadata: FileMetaData, { meta_data: column }: Chunk): Decoder {
  const { path_in_schema: pathInSchema, type, codec } = column!;
  const schemaPath = getTreePath(parquetSchema(metadata), pathInSchema);
  const element = schemaPath.at(-1)!.element;
  return { pathInSchema, type, codec, schemaPath, element, parsers: DEFAULT_PARSERS };
}

function bytesOf(file: ArrayBuffer, { meta_data: column }: Chunk): Uint8Array {
  const start = Number(column!.dictionary_page_offset ?? column!.data_page_offset);
  return new Uint8Array(file, start, Number(column!.total_compressed_size));
}

function readerOf({ buffer, byteOffset, byteLength }: Uint8Array) {
  return { view: new DataView(buffer, byteOffset, byteLength), offset: 0 };
}

/** Lists without the nesting of their optional levels, which the writer adds itself. */
function rowsOf(bytes: Uint8Array, decoder: Decoder, { num_rows }: RowGroup): unknown[] {
  const count = Number(num_rows);
  const all = { groupStart: 0, groupRows: count, selectStart: 0, selectEnd: count };
  const { data } = readColumn(readerOf(bytes), all, decoder);
  return data.flatMap((page) => [...page].map((row: unknown) => [row].flat(3)));
}

function copiedChunk(writer: ByteWriter, { meta_data: column }: Chunk, bytes: Uint8Array): Chunk {
  const start = column!.dictionary_page_offset ?? column!.data_page_offset;
  const moved = BigInt(writer.offset) - start;
  const { dictionary_page_offset: dictionary } = column!;
  writer.appendBytes(bytes);
  return {
    file_offset: start + moved,
    meta_data: {
      ...column!,
      data_page_offset: column!.data_page_offset + moved,
      ...(dictionary !== undefined && { dictionary_page_offset: dictionary + moved }),
    },
  };
}

function splitChunk(
  writer: ByteWriter,
  { meta_data: column }: Chunk,
  decoder: Decoder,
  rows: DecodedArray,
  entries: number,
): Chunk {
  const start = writer.offset;
  const path = decoder.schemaPath;
  const { values, definitionLevels, repetitionLevels } = encodeNestedValues(path, rows);
  for (let first = 0; first < repetitionLevels.length; first += entries) {
    const end = first + entries;
    const page = new ByteWriter();
    writeLevels(page, repetitionLevels.slice(first, end), 1);
    writeLevels(page, definitionLevels.slice(first, end), 2);
    const present = [...values.slice(first, end)].filter((value) => value != null);
    writePlain(page, present, decoder.type, undefined);
    writePageHeader(writer, {
      type: 'DATA_PAGE',
      uncompressed_page_size: page.offset,
      compressed_page_size: page.offset,
      data_page_header: {
        num_values: Math.min(end, repetitionLevels.length) - first,
        encoding: 'PLAIN',
        definition_level_encoding: 'RLE',
        repetition_level_encoding: 'RLE',
      },
    });
    writer.appendBytes(page.getBytes());
  }
  const { type, path_in_schema } = column!;
  const size = BigInt(writer.offset - start);
  return {
    file_offset: BigInt(start),
    meta_data: {
      ...{ type, path_in_schema, codec: 'UNCOMPRESSED', encodings: ['PLAIN', 'RLE'] },
      num_values: BigInt(repetitionLevels.length),
      ...{ total_compressed_size: size, total_uncompressed_size: size },
      data_page_offset: BigInt(start),
    },
  };
}

function writeLevels(page: ByteWriter, levels: number[], bits: number): void {
  const runs = new ByteWriter();
  writeRleBitPackedHybrid(runs, levels, bits);
  page.appendUint32(runs.offset);
  page.appendBytes(runs.getBytes());
}
