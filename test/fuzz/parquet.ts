/**
 * Reads damaged parquet files. Whatever happens must be an error of the package that names the file, or the
 * rows that another reader finds, in time and memory that the file's size allows.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetMetadata, parquetSchema } from 'hyparquet';
import { parquetHeader, readColumn } from 'hyparquet/src/column.js';
import { DEFAULT_PARSERS } from 'hyparquet/src/convert.js';
import { getTreePath } from 'hyparquet/src/schema.js';
import type { Columns } from '../../lib/cli/parquet/file-metadata.js';
import { type Read, readParquet } from '../cases/parquet-rows.js';
import type { FuzzTarget } from './fuzzing.js';
import { COLUMNS, damagedParquet, INFLATERS } from './parquet-mutations.js';

/** @param confirmed hears of each file in which another reader found the same. */
export function parquetTarget(confirmed: () => void = () => undefined): FuzzTarget {
  return {
    name: 'parquet',
    async draw(random, folder) {
      const bytes = damagedParquet(random);
      const path = join(folder, 'table.parquet');
      writeFileSync(path, bytes);
      const door = async () => {
        const rows = await readParquet(path, COLUMNS).catch((error) => {
          if (!String(error).includes(path))
            throw new Error(`${path} is not named`, { cause: error });
          throw error;
        });
        if (isConfirmed(rows, path)) confirmed();
      };
      return { bytes: bytes.length, doors: [door] };
    },
  };
}

export const PARQUET = parquetTarget();

/** Whether another reader reads the file too. Throws where it finds something else. */
function isConfirmed(rows: readonly Read[], path: string): boolean {
  let others: readonly unknown[][];
  try {
    others = otherRows(path, COLUMNS);
  } catch {
    // It reads less.
    return false;
  }
  const found = rows.map((row) => Object.values(row));
  const [mine, theirs] = [found, others].map((values) =>
    JSON.stringify(values, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
  );
  if (mine !== theirs) throw new Error(`${mine}\nis not\n${theirs}`);
  return true;
}

/** By the reader that the tests' writer belongs to, one column after the other. */
function otherRows(path: string, columns: Columns): unknown[][] {
  const file = readFileSync(path);
  const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.length) as ArrayBuffer;
  const metadata = parquetMetadata(bytes);
  const byColumn = Object.entries(columns).map(([name, kind]) =>
    metadata.row_groups.flatMap(({ columns: chunks, num_rows }) => {
      const chunk = chunks.find(({ meta_data }) => meta_data?.path_in_schema[0] === name);
      const rows = Number(num_rows);
      if (rows === 0) return [];
      const values = otherColumn(bytes, chunk!.meta_data!, metadata, rows);
      if (values.length !== rows) throw new Error(`${values.length} of ${rows}`);
      return values.map((value) => plainValue(value, kind));
    }),
  );
  const rows = byColumn[0]?.length ?? 0;
  return Array.from({ length: rows }, (_, row) => byColumn.map((values) => values[row]));
}

type ColumnMetadata = NonNullable<
  ReturnType<typeof parquetMetadata>['row_groups'][number]['columns'][number]['meta_data']
>;

function otherColumn(
  bytes: ArrayBuffer,
  column: ColumnMetadata,
  metadata: ReturnType<typeof parquetMetadata>,
  rows: number,
): unknown[] {
  const { path_in_schema: pathInSchema, type, codec } = column;
  const schemaPath = getTreePath(parquetSchema(metadata), pathInSchema);
  const offsets = [column.dictionary_page_offset, column.data_page_offset].map(Number);
  const start = Math.min(...offsets.filter((offset) => offset > 0));
  const chunk = new DataView(bytes, start, Number(column.total_compressed_size));
  const view = new DataView(bytes, start, endOfValues(chunk, Number(column.num_values)));
  const { data } = readColumn(
    { view, offset: 0 },
    { groupStart: 0, groupRows: rows, selectStart: 0, selectEnd: rows } as never,
    {
      ...{ pathInSchema, type, codec, schemaPath, element: schemaPath.at(-1)!.element },
      ...{ parsers: DEFAULT_PARSERS, compressors: INFLATERS },
    },
  );
  return data.flatMap((page) => [...page] as unknown[]);
}

/** Pages behind the last value of the column are nobody's. */
function endOfValues(view: DataView, values: number): number {
  const reader = { view, offset: 0 };
  for (let left = values; left > 0; ) {
    const { data_page_header: data, compressed_page_size: size } = parquetHeader(reader);
    // It would go back, and on for ever.
    if (!(size >= 0)) throw new Error(`a page of ${size} bytes`);
    reader.offset += size;
    left -= data?.num_values ?? 0;
  }
  return reader.offset;
}

function plainValue(value: unknown, kind: Columns[string]): unknown {
  if (kind !== 'id') return [value].flat(3).map((one) => bits(one) ?? 0n);
  return bits(Array.isArray(value) ? value.flat(3)[0] : value);
}

const bits = (value: unknown): bigint | null =>
  value === null || value === undefined ? null : BigInt.asIntN(64, BigInt(value as number));
