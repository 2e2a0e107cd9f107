/**
 * The footer of a parquet file: its columns, and where their values lie. Everything that it claims is held
 * against the size of the file and against its other claims before any value is read.
 */

import type { OpenedFile } from '../../support/opened-file.js';
import { type ColumnKind, readable } from './column-type.js';
import { columnLeaves, type Leaf, readSchema, type SchemaElement } from './parquet-schema.js';
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

/** By the names of the columns that are asked for. */
type Wanted = ReadonlyMap<string, readonly Leaf[]>;

const NO_GROUPS = { rows: 0, withRows: [] };

const ENCRYPTED_MAGIC = 'PARE';
const MAX_FOOTER = 32 * 2 ** 20;

export async function readMetadata(file: OpenedFile, columns: Columns): Promise<FileMetadata> {
  const reader = new ThriftReader(await readFooter(file));
  let schema: SchemaElement[] | undefined;
  let wanted: Wanted | undefined;
  let rows: number | undefined;
  let groups: RowGroups | undefined;
  reader.struct({
    2: () => {
      if (schema !== undefined) throw new Error('has two schemas');
      schema = readSchema(reader);
      wanted = wantedLeaves(schema, columns);
    },
    3: () => {
      if (groups !== undefined) throw new Error('counts its rows behind its row groups');
      rows = reader.int();
    },
    4: () => {
      if (groups !== undefined) throw new Error('has two lists of row groups');
      if (schema === undefined || wanted === undefined) {
        throw new Error('has row groups before it has a schema');
      }
      const claims = new RowGroupClaims(reader, namesByPath(wanted), schema.length);
      // Where there are no rows, writers do not know types: pandas says that an empty column is of floats.
      const read = new RowGroups(rows ? readableColumns(wanted, columns) : [], file.size);
      reader.list(() => read.add(claims.read()));
      groups = read;
    },
    8: () => {
      throw new Error('is encrypted; write it without encryption');
    },
  });
  if (schema === undefined) throw new Error('has no schema');
  const { rows: counted, withRows } = groups ?? NO_GROUPS;
  if (counted !== rows) throw new Error(`claims ${rows ?? 0} rows, ${counted} in its row groups`);
  return { rows, groups: withRows, mostDictionaryValues: mostEntries(file.size) };
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

/** The leaves of the columns that are asked for; what others there are is nobody's business. */
function wantedLeaves(schema: readonly SchemaElement[], columns: Columns): Wanted {
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

function readableColumns(wanted: Wanted, columns: Columns): Column[] {
  return [...wanted].map(([name, leaves]) => ({
    name,
    ...readable(name, leaves, columns[name]!),
  }));
}

function namesByPath(wanted: Wanted): Map<string, string> {
  return new Map(
    [...wanted].flatMap(([name, leaves]) => leaves.map(({ path }) => [pathKey(path), name])),
  );
}
