/** What histories and tables take, by the sizes of what they are made of: `docs/memory.md`. */

import { type Dtype, ELEMENT_TYPES } from '../tables/dtypes.js';

/** Histories that are alike. */
export interface HistoryShape {
  readonly dim: number;
  readonly dtype: Dtype;
  readonly behaviours: number;
  /** Different items among them. */
  readonly items: number;
  readonly categories: boolean;
  readonly times: boolean;
  /** Made by a ranker. */
  readonly ranker: boolean;
}

export interface TableShape {
  readonly rows: number;
  readonly dim: number;
  readonly dtype: Dtype;
  readonly ids: boolean;
}

/** Of JavaScript's objects for a history, and of what Node.js keeps for them outside of its heap. */
export const OBJECT_BYTES = 600;

const PAGE = 4096;
/** Blocks of the history, its state, its store of items and what searches see of that. */
const FIXED_BYTES = 128 + 128 + 64 + 64;
const CHUNK_BEHAVIOURS = 4096;
const CHUNK_ITEMS = 1024;
const PANEL_ITEMS = 64;
/** So many items need no table from rows to items. */
const FEW_ITEMS = 32;
/** A column of at most so much is one block. */
const SHORT_COLUMN = PAGE;

const upTo = (bytes: number, unit: number) => Math.ceil(bytes / unit) * unit;
const powerOfTwo = (least: number) => 2 ** Math.ceil(Math.log2(least));

/** What a block of so many bytes takes: by 64 to 1 KiB, by eighths of a power of two to a page, by pages. */
function block(bytes: number): number {
  if (bytes <= 1024) return upTo(bytes, 64);
  return upTo(bytes, bytes > PAGE ? PAGE : powerOfTwo(bytes) / 16);
}

function columnBytes(values: number, valueBytes: number): number {
  if (values === 0) return 0;
  const short = 48 + values * valueBytes;
  if (short <= SHORT_COLUMN) return block(short);
  const chunks = Math.ceil(values / CHUNK_BEHAVIOURS);
  const last = (values - (chunks - 1) * CHUNK_BEHAVIOURS) * valueBytes;
  const first = chunks === 1 ? powerOfTwo(values) * valueBytes : last;
  const whole = block(CHUNK_BEHAVIOURS * valueBytes);
  return (
    block(24 + chunks * 24) +
    chunks * 64 +
    (chunks - 1) * whole +
    block(first > PAGE ? last : first)
  );
}

/** What the scan reads of one chunk. */
function chunkBytes(items: number, rows: number, dim: number, exact: boolean): number {
  const said = upTo(rows * (exact ? 16 : 28), 64);
  const row = upTo(dim, 4);
  const memory = said + rows * row;
  const written = said + upTo(items, Math.min(rows, PANEL_ITEMS)) * row;
  const maxima = exact ? 0 : 12 * Math.ceil(rows / PANEL_ITEMS);
  return 64 + block(memory <= PAGE ? memory : written) + block(maxima);
}

function rowsFor(items: number): number {
  if (items > PANEL_ITEMS) return Math.min(powerOfTwo(items), CHUNK_ITEMS);
  return upTo(items, items > PANEL_ITEMS / 2 ? 8 : 4);
}

function itemBytes(items: number, dim: number, exact: boolean): number {
  if (items === 0) return 0;
  const chunks = Math.ceil(items / CHUNK_ITEMS);
  if (chunks === 1) return chunkBytes(items, rowsFor(items), dim, exact);
  const last = items - (chunks - 1) * CHUNK_ITEMS;
  const whole = chunkBytes(CHUNK_ITEMS, CHUNK_ITEMS, dim, exact);
  const list = 64 + block(16 * (chunks - 1));
  return list + (chunks - 1) * whole + chunkBytes(last, CHUNK_ITEMS, dim, exact);
}

/** `history.byteLength`, to a few percent. */
export function historyBytes(shape: HistoryShape): number {
  const { dim, dtype, behaviours, items } = shape;
  const ofBehaviours = [4, 4, ...(shape.ranker ? [4, 4] : [])];
  if (shape.categories) ofBehaviours.push(8);
  if (shape.times) ofBehaviours.push(8);
  const columns = ofBehaviours.map((bytes) => columnBytes(behaviours, bytes));
  // There is always room for one more.
  const listed = behaviours > items ? items + 1 : items;
  const index = listed > FEW_ITEMS ? block(8 * powerOfTwo(2 * listed)) : 0;
  return (
    FIXED_BYTES +
    columns.reduce((sum, bytes) => sum + bytes, 0) +
    columnBytes(items, 16) +
    itemBytes(items, dim, dtype === 'int8') +
    index
  );
}

/** `table.byteLength`, and what its ids take. */
export function tableBytes({ rows, dim, dtype, ids }: TableShape): number {
  const index = ids && rows > 0 ? 16 * powerOfTwo(2 * rows) : 0;
  return rows * dim * ELEMENT_TYPES[dtype].bytes + index;
}
