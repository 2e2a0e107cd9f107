/** `kleio memory`. */

import { codedError } from '../support/errors.js';
import type { Dtype } from '../tables/dtypes.js';
import { columns, short, whole } from '../text/text-table.js';
import { historyBytes, OBJECT_BYTES, tableBytes } from './memory-formula.js';

export interface MemoryOptions {
  readonly histories: number;
  readonly behaviours: number;
  readonly items?: number;
  readonly rows: number;
  readonly dim: number;
  readonly dtype: Dtype;
  readonly ids?: true;
  readonly categories?: true;
  readonly times?: true;
  readonly ranker?: true;
  readonly json?: true;
}

/** Prints what a population of histories takes, and the table that they are over. */
export function printMemory(options: MemoryOptions): void {
  const { histories, behaviours, rows, dim, dtype } = options;
  const {
    items = behaviours,
    ids = false,
    categories = false,
    times = false,
    ranker = false,
  } = options;
  if (items > behaviours) {
    throw codedError(
      'ERR_KLEIO_ARGUMENT',
      `--items must be at most --behaviours (${behaviours}); got ${items}`,
    );
  }
  const shape = { dim, dtype, behaviours, items, categories, times, ranker };
  const history = historyBytes(shape);
  const table = tableBytes({ rows, dim, dtype, ids });
  const report = {
    ...{ histories, ...shape, rows, ids },
    bytes: {
      history,
      objects: OBJECT_BYTES,
      histories: histories * (history + OBJECT_BYTES),
      table,
      all: histories * (history + OBJECT_BYTES) + table,
    },
  };
  process.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : readable(report));
}

interface MemoryReport {
  readonly histories: number;
  readonly bytes: Readonly<Record<'history' | 'objects' | 'histories' | 'table' | 'all', number>>;
}

function readable({ histories, bytes }: MemoryReport): string {
  const size = (count: number) => [whole(Math.round(count)), scaled(count)];
  const lines = columns([
    ['', 'bytes', ''],
    ['a history', ...size(bytes.history)],
    ['and its objects in JavaScript', ...size(bytes.objects)],
    [`${whole(histories)} of them`, ...size(bytes.histories)],
    ['the table', ...size(bytes.table)],
    ['all', ...size(bytes.all)],
  ]);
  return `${lines.join('\n')}\n`;
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];

function scaled(bytes: number): string {
  const power = Math.min(bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  return `${short(bytes / 1000 ** power)} ${UNITS[power]}`;
}
