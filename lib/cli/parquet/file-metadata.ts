/**
 * The footer of a parquet file: its columns, and where their values lie. Everything that it claims is held
 * against the size of the file and against its other claims before any value is read.
 */

import type { OpenedFile } from '../../support/opened-file.js';
import { type ColumnKind, valueType } from './column-type.js';
import { columnLeaves, readSchema, type SchemaElement } from './parquet-schema.js';
import { pathKey, RowGroupClaims } from './row-group-claims.js';
import { type Column, MAGIC, mostEntries, type RowGroup, RowGroups, TAIL } from './row-groups.js';
import { ThriftReader } from './thrift-reader.js';

export type Columns = Readonly<Record<string, ColumnKind>>;

export interface FileMetadata {
  readonly rows: number;
  /** Those with rows. */
  readonly groups: readonly RowGroup[];
  /** That the dictionaries of the file may have together. */
  readonly mostDictionaryValues: number;
}

const ENCRYPTED_MAGIC = 'PARE';
const MAX_FOOTER = 32 * 2 ** 20;

export async function readMetadata(file: OpenedFile, columns: Columns): Promise<FileMetadata> {
  const reader = new ThriftReader(await readFooter(file));
  let schema: SchemaElement[] | undefined;
  let groups: RowGroups | undefined;
  let rows = 0;
  reader.struct({
    2: () => {
      if (schema !== undefined) throw new Error('has two schemas');
      schema = readSchema(reader);
    },
    3: () => {
      rows = reader.int();
    },
    4: () => {
      if (groups !== undefined) throw new Error('has two lists of row groups');
      if (schema === undefined) throw new Error('has row groups before it has a schema');
      const wanted = wantedColumns(schema, columns);
      const claims = new RowGroupClaims(reader, namesByPath(wanted), schema.length);
      const read = new RowGroups(wanted, file.size);
      reader.list(() => read.add(claims.read()));
      groups = read;
    },
    8: () => {
      throw new Error('is encrypted; write it without encryption');
    },
  });
  if (schema === undefined) throw new Error('has no schema');
  groups ??= new RowGroups(wantedColumns(schema, columns), file.size);
  if (groups.rows !== rows) {
    throw new Error(`claims ${rows} rows, ${groups.rows} in its row groups`);
  }
  return { rows, groups: groups.withRows, mostDictionaryValues: mostEntries(file.size) };
}

async function readFooter(file: OpenedFile): Promise<Uint8Array> {
  const { size } = file;
  if (size < MAGIC.length + TAIL) throw new Error(`is no parquet file: it has ${size} bytes`);
  const start = await file.read(0, MAGIC.length);
  const tail = await file.read(size - TAIL, TAIL);
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
  return file.read(size - TAIL - length, length);
}

function wantedColumns(schema: readonly SchemaElement[], columns: Columns): Column[] {
  const there = columnLeaves(schema);
  const missing = Object.keys(columns).filter((name) => !there.has(name));
  if (missing.length > 0) throw new Error(`has no column ${missing.join(', ')}`);
  return Object.entries(columns).map(([name, kind]) => {
    const leaves = there.get(name)!;
    const type = valueType(name, leaves, kind);
    return { name, leaf: leaves[0]!, type };
  });
}

function namesByPath(columns: readonly Column[]): Map<string, string> {
  return new Map(columns.map(({ name, leaf }) => [pathKey(leaf.path), name]));
}
