/**
 * The footer of a parquet file: its columns, and where their values lie. Everything that it claims is held
 * against the size of the file and against its other claims before any value is read.
 */

import { type ColumnKind, physicalTypeName, readable, type ValueType } from './column-type.js';
import type { FileBytes } from './file-bytes.js';
import { columnLeaves, type Leaf, readSchema, type SchemaElement } from './parquet-schema.js';
import { ThriftReader } from './thrift-reader.js';

export type Columns = Readonly<Record<string, ColumnKind>>;

export interface Column {
  readonly name: string;
  readonly leaf: Leaf;
  readonly type: ValueType;
}

/** The values of one column in one row group. */
export interface Chunk {
  readonly column: Column;
  readonly codec: number;
  /** Values, nulls and empty lists together. */
  readonly entries: number;
  /** Bytes of the file. */
  readonly start: number;
  readonly end: number;
}

export interface RowGroup {
  readonly rows: number;
  /** In the order of the columns asked for. */
  readonly chunks: readonly Chunk[];
}

export interface FileMetadata {
  readonly rows: number;
  readonly groups: readonly RowGroup[];
}

const MAGIC = 'PAR1';
const ENCRYPTED_MAGIC = 'PARE';
const TAIL = 8;
const MAX_FOOTER = 32 * 2 ** 20;

/** Run lengths let a few bytes claim billions of entries. Files whose columns differ at all stay far below. */
const FREE_ENTRIES = 2 ** 20;
const MAX_ENTRIES_PER_BYTE = 256;

interface ChunkClaims {
  path: string;
  type: number;
  codec: number;
  entries: number;
  compressedSize: number;
  dataOffset: number;
  dictionaryOffset: number;
  otherFile: string;
  isEncrypted: boolean;
}

interface GroupClaims {
  rows: number;
  /** By the name of the column asked for. */
  chunks: Map<string, ChunkClaims>;
}

export async function readMetadata(file: FileBytes, columns: Columns): Promise<FileMetadata> {
  const reader = new ThriftReader(await readFooter(file));
  let schema: SchemaElement[] = [];
  let wanted: ReadonlyMap<string, readonly Leaf[]> | undefined;
  let rows = 0;
  const claims: GroupClaims[] = [];
  reader.struct({
    2: () => {
      schema = readSchema(reader);
      wanted = wantedColumns(schema, columns);
    },
    3: () => {
      rows = reader.int();
    },
    4: () => {
      if (wanted === undefined) throw new Error('has row groups before it has a schema');
      const paths = new Map(
        [...wanted].flatMap(([name, leaves]) => leaves.map(({ path }) => [pathKey(path), name])),
      );
      reader.list(() => claims.push(readGroup(reader, paths)));
    },
    8: () => {
      throw new Error('is encrypted; write it without encryption');
    },
  });
  if (wanted === undefined) throw new Error('has no schema');
  // Where there are no rows, writers do not know types: pandas says that an empty column is of floats.
  const listed =
    rows === 0
      ? []
      : [...wanted].map(([name, leaves]) => ({
          name,
          ...readable(name, leaves, columns[name]!),
        }));
  const groups = claims.map((group, index) => checkedGroup(group, index, listed, file.size));
  requireCounts(rows, groups, file.size);
  return { rows, groups };
}

async function readFooter(file: FileBytes): Promise<Uint8Array> {
  const { size } = file;
  if (size < MAGIC.length + TAIL) throw new Error(`is no parquet file: it has ${size} bytes`);
  const start = await file.read(0, MAGIC.length);
  const tail = await file.read(size - TAIL, size);
  const endMagic = Buffer.from(tail.subarray(4)).toString('latin1');
  if (endMagic === ENCRYPTED_MAGIC) throw new Error('is encrypted; write it without encryption');
  if (endMagic !== MAGIC || Buffer.from(start).toString('latin1') !== MAGIC) {
    throw new Error(`is no whole parquet file: it must begin and end with ${MAGIC}`);
  }
  const length = new DataView(tail.buffer, tail.byteOffset).getUint32(0, true);
  if (length > size - MAGIC.length - TAIL) {
    throw new Error(`the footer claims ${length} bytes of a file of ${size}`);
  }
  if (length > MAX_FOOTER) throw new Error(`the footer has ${length} bytes, over ${MAX_FOOTER}`);
  return file.read(size - TAIL - length, size - TAIL);
}

/** The leaves of the columns that are asked for; what others there are is nobody's business. */
function wantedColumns(schema: readonly SchemaElement[], columns: Columns): Map<string, Leaf[]> {
  const there = columnLeaves(schema);
  const missing = Object.keys(columns).filter((name) => !there.has(name));
  if (missing.length > 0) throw new Error(`has no column ${missing.join(', ')}`);
  return new Map(
    Object.keys(columns).map((name) => {
      const [leaves, ...others] = there.get(name)!;
      if (others.length > 0) throw new Error(`has two columns ${JSON.stringify(name)}`);
      return [name, leaves!];
    }),
  );
}

const pathKey = (path: readonly string[]): string => path.join('\0');

function readGroup(reader: ThriftReader, paths: ReadonlyMap<string, string>): GroupClaims {
  const group: GroupClaims = { rows: 0, chunks: new Map() };
  reader.struct({
    1: () =>
      reader.list(() => {
        const chunk = readChunk(reader);
        const name = paths.get(chunk.path);
        if (name !== undefined) group.chunks.set(name, chunk);
      }),
    3: () => {
      group.rows = reader.int();
    },
  });
  return group;
}

function readChunk(reader: ThriftReader): ChunkClaims {
  const chunk: ChunkClaims = {
    ...{ path: '', type: -1, codec: -1, entries: -1, compressedSize: -1 },
    ...{ dataOffset: 0, dictionaryOffset: 0, otherFile: '', isEncrypted: false },
  };
  reader.struct({
    1: () => {
      chunk.otherFile = reader.text();
    },
    3: () => readChunkMetadata(reader, chunk),
    8: () => {
      chunk.isEncrypted = true;
      reader.skip();
    },
  });
  return chunk;
}

function readChunkMetadata(reader: ThriftReader, chunk: ChunkClaims): void {
  reader.struct({
    1: () => {
      chunk.type = reader.int();
    },
    3: () => {
      const path: string[] = [];
      reader.list(() => path.push(reader.text()));
      chunk.path = pathKey(path);
    },
    4: () => {
      chunk.codec = reader.int();
    },
    5: () => {
      chunk.entries = reader.int();
    },
    7: () => {
      chunk.compressedSize = reader.int();
    },
    9: () => {
      chunk.dataOffset = reader.int();
    },
    11: () => {
      chunk.dictionaryOffset = reader.int();
    },
  });
}

function checkedGroup(
  { rows, chunks }: GroupClaims,
  index: number,
  columns: readonly Column[],
  size: number,
): RowGroup {
  if (!(rows >= 0)) throw new Error(`row group ${index} claims ${rows} rows`);
  const checked = columns.map((column) => {
    const where = `row group ${index}, column ${column.name}`;
    const chunk = chunks.get(column.name);
    if (chunk === undefined) throw new Error(`${where} is not there`);
    return checkedChunk(chunk, column, where, rows, size);
  });
  return { rows, chunks: checked };
}

function checkedChunk(
  chunk: ChunkClaims,
  column: Column,
  where: string,
  rows: number,
  size: number,
): Chunk {
  const { codec, entries, compressedSize, dataOffset, dictionaryOffset } = chunk;
  if (chunk.isEncrypted) throw new Error(`${where} is encrypted; write it without encryption`);
  if (chunk.otherFile !== '') throw new Error(`${where} lies in another file`);
  if (chunk.type !== column.leaf.element.type) {
    const types = [chunk.type, column.leaf.element.type!].map(physicalTypeName);
    throw new Error(`${where} is ${types[0]} where the schema has ${types[1]}`);
  }
  const isFlat = column.leaf.maxRepetition === 0;
  if (isFlat ? entries !== rows : entries < rows) {
    throw new Error(`${where} claims ${entries} values for ${rows} rows`);
  }
  // Some writers leave the offset of a dictionary out, and some say 0 where there is none.
  const start = dictionaryOffset > 0 ? Math.min(dictionaryOffset, dataOffset) : dataOffset;
  const end = start + compressedSize;
  const isWithin = compressedSize >= 0 && start >= MAGIC.length && end <= size - TAIL;
  if (entries > 0 && !isWithin) {
    throw new Error(`${where} claims bytes ${start} to ${end} of a file of ${size}`);
  }
  return { column, codec, entries, start, end };
}

function requireCounts(rows: number, groups: readonly RowGroup[], size: number): void {
  const inGroups = groups.reduce((sum, group) => sum + group.rows, 0);
  if (inGroups !== rows) throw new Error(`claims ${rows} rows, ${inGroups} in its row groups`);
  const entries = groups
    .flatMap(({ chunks }) => chunks)
    .reduce((sum, chunk) => sum + chunk.entries, 0);
  const most = FREE_ENTRIES + MAX_ENTRIES_PER_BYTE * size;
  if (entries > most) {
    throw new Error(`claims ${entries} values; a file of ${size} bytes may have ${most}`);
  }
}
