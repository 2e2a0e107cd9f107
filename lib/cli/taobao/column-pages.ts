/**
 * The values of one parquet column chunk, a page at a time. A row group of the public data set is
 * gigabytes long, one of its pages about a megabyte.
 */

import type { FileHandle } from 'node:fs/promises';

import { type FileMetaData, parquetSchema } from 'hyparquet';
import { parquetHeader, readPage } from 'hyparquet/src/column.js';
import { convert, DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { getTreePath } from 'hyparquet/src/schema.js';

import { COMPRESSORS } from './compressors.js';

export type ColumnChunk = FileMetaData['row_groups'][number]['columns'][number];

type PageDecoder = Parameters<typeof readPage>[2];
type PageHeader = ReturnType<typeof parquetHeader>;
type PageValues = NonNullable<ReturnType<typeof readPage>['data']>;

interface Page {
  readonly header: PageHeader;
  /** As they lie in the file, compressed. */
  readonly bytes: ArrayBuffer;
  /** Where the next page begins. */
  readonly end: number;
}

/** Page headers carry statistics of their page, and stay far below this. */
const MAX_HEADER = 64 * 1024;

/** One array for each page; of a list column, nested as hyparquet assembles it. */
export async function* columnPages(
  file: FileHandle,
  metadata: FileMetaData,
  chunk: ColumnChunk,
): AsyncGenerator<ArrayLike<unknown>> {
  const { meta_data: column } = chunk;
  if (column === undefined) throw new Error('a column chunk has no metadata');
  const decoder = pageDecoder(metadata, column);
  const isList = decoder.schemaPath.length > 2;
  let position = Number(column.dictionary_page_offset || column.data_page_offset);
  const end = position + Number(column.total_compressed_size);
  let dictionary: PageValues | undefined;
  let unfinished: unknown[] = [];
  while (position < end) {
    const page = await readPageBytes(file, position, end);
    position = page.end;
    const reader = { view: new DataView(page.bytes), offset: 0 };
    const { data } = readPage(reader, page.header, decoder, dictionary, unfinished, 0);
    if (data === undefined) continue;
    if (page.header.type === 'DICTIONARY_PAGE') {
      dictionary = convert(data, decoder);
    } else if (isList && Array.isArray(data)) {
      // The next page may go on with this page's last row.
      unfinished = data.splice(-1);
      yield data;
    } else {
      unfinished = [];
      yield data;
    }
  }
  yield unfinished;
}

function pageDecoder(
  metadata: FileMetaData,
  column: NonNullable<ColumnChunk['meta_data']>,
): PageDecoder {
  const schemaPath = getTreePath(parquetSchema(metadata), column.path_in_schema);
  return {
    pathInSchema: column.path_in_schema,
    type: column.type,
    element: schemaPath.at(-1)!.element,
    schemaPath,
    codec: column.codec,
    parsers: DEFAULT_PARSERS,
    compressors: COMPRESSORS,
  };
}

async function readPageBytes(file: FileHandle, start: number, chunkEnd: number): Promise<Page> {
  const headerBytes = await readBytes(file, start, Math.min(start + MAX_HEADER, chunkEnd));
  const reader = { view: new DataView(headerBytes), offset: 0 };
  const header = parquetHeader(reader);
  const valuesStart = start + reader.offset;
  const end = valuesStart + header.compressed_page_size;
  if (!(end >= valuesStart && end <= chunkEnd)) {
    throw new Error(`the page at byte ${start} claims ${header.compressed_page_size} bytes`);
  }
  return { header, bytes: await readBytes(file, valuesStart, end), end };
}

async function readBytes(file: FileHandle, start: number, end: number): Promise<ArrayBuffer> {
  const bytes = new Uint8Array(end - start);
  for (let filled = 0; filled < bytes.length; ) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
    if (bytesRead === 0) throw new Error(`ends before byte ${end}`);
    filled += bytesRead;
  }
  return bytes.buffer;
}
