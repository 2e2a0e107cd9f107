/** Reads the bytes of a history by nothing but docs/history-bytes.md. */
import { xxh64 } from '../fuzz/xxh64.js';

export interface HistoryInBytes {
  readonly packed: boolean;
  readonly capacity: number;
  readonly firstSequence: number;
  readonly nextSequence: number;
  readonly sequences: readonly number[];
  /** Of plain bytes that name items so; 0n: none. */
  readonly ids?: readonly bigint[];
  /** −1: no embedding. */
  readonly rows?: readonly number[];
  readonly categories: readonly bigint[] | undefined;
  readonly times: readonly number[] | undefined;
  /** Of packed bytes: the id of each behaviour whose item the table did not know, by sequence number. */
  readonly unknown?: ReadonlyMap<number, bigint>;
}

const MAGIC = [0x89, 0x4b, 0x4c, 0x48, 0x0d, 0x0a, 0x1a, 0x0a];
const KINDS = {
  present: 1,
  ids: 2,
  unnamed: 3,
  rows: 4,
  categories: 5,
  times: 6,
  slotOf: 7,
  unknown: 10,
  slotRows: 11,
};

type Sections = ReadonlyMap<number, DataView>;

export function readHistoryBytes(bytes: Uint8Array): HistoryInBytes {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) throw new Error('no history');
  if (view.getUint32(8, true) !== 1) throw new Error('another version');
  if (xxh64(bytes.subarray(0, 120)) !== view.getBigUint64(120, true)) throw new Error('header');
  const [brings, places] = [view.getUint32(16, true), count(view, 40)];
  const packed = view.getUint32(12, true) === 1;
  const sections = sectionsOf(bytes, view);
  const first = count(view, 32);
  const there = presentPlaces(sections, places, packed);
  const column = <Value>(kind: number, at: (view: DataView, index: number) => Value): Value[] => {
    const section = sections.get(kind);
    if (section === undefined) return [];
    return there.map((place, index) => at(section, packed ? place : index));
  };
  const int64 = (of: DataView, index: number) => of.getBigInt64(8 * index, true);
  const float64 = (of: DataView, index: number) => of.getFloat64(8 * index, true);
  return {
    packed,
    capacity: count(view, 56),
    firstSequence: first,
    nextSequence: first + places,
    sequences: there.map((place) => first + place),
    categories: (brings & 2) === 0 ? undefined : column(KINDS.categories, int64),
    times: (brings & 4) === 0 ? undefined : column(KINDS.times, float64),
    ...(packed ? packedItems(sections, column) : plainItems((brings & 1) !== 0, column)),
  };
}

/** A number that is safe in JavaScript. */
const count = (view: DataView, at: number): number => Number(view.getBigUint64(at, true));

const whole = (bytes: number): number => Math.ceil(bytes / 64) * 64;

function sectionsOf(bytes: Uint8Array, view: DataView): Sections {
  const sections = new Map<number, DataView>();
  const end = 128 + 32 * view.getUint32(20, true);
  if (xxh64(bytes.subarray(128, end)) !== view.getBigUint64(112, true))
    throw new Error('directory');
  for (let at = 128; at < end; at += 32) {
    const [offset, length] = [count(view, at + 8), count(view, at + 16)];
    const kind = view.getUint32(at, true);
    if (
      sectionChecksum(bytes.subarray(offset, offset + whole(length))) !==
      view.getBigUint64(at + 24, true)
    ) {
      throw new Error(`section ${kind}`);
    }
    sections.set(kind, new DataView(bytes.buffer, bytes.byteOffset + offset, length));
  }
  return sections;
}

export function sectionChecksum(section: Uint8Array): bigint {
  const block = 2 ** 18;
  const blocks = Math.ceil(section.length / block);
  const hashes = Array.from({ length: blocks }, (_, index) =>
    xxh64(section.subarray(index * block, (index + 1) * block)),
  );
  return xxh64(new Uint8Array(BigUint64Array.from(hashes).buffer));
}

function presentPlaces(sections: Sections, places: number, packed: boolean): number[] {
  const all = Array.from({ length: places }, (_, place) => place);
  const [slotOf, present] = [sections.get(KINDS.slotOf), sections.get(KINDS.present)];
  if (packed) return all.filter((place) => slotOf!.getInt32(4 * place, true) !== -2);
  if (present === undefined) return all;
  return all.filter((place) => ((present.getUint8(place >> 3) >> (place & 7)) & 1) === 1);
}

type Column = <Value>(kind: number, at: (view: DataView, index: number) => Value) => Value[];

const int32 = (of: DataView, index: number) => of.getInt32(4 * index, true);

function plainItems(named: boolean, column: Column): Pick<HistoryInBytes, 'ids' | 'rows'> {
  if (!named) return { rows: column(KINDS.rows, int32) };
  return { ids: column(KINDS.ids, (of, index) => of.getBigInt64(8 * index, true)) };
}

function packedItems(sections: Sections, column: Column): Pick<HistoryInBytes, 'rows' | 'unknown'> {
  const slotRows = sections.get(KINDS.slotRows);
  const unknown = sections.get(KINDS.unknown);
  const entries = Array.from({ length: (unknown?.byteLength ?? 0) / 16 }, (_, index) => [
    Number(unknown!.getBigInt64(16 * index, true)),
    unknown!.getBigInt64(16 * index + 8, true),
  ]) as [number, bigint][];
  const slots = column(KINDS.slotOf, int32);
  return {
    rows: slots.map((slot) => (slot < 0 ? -1 : int32(slotRows!, slot))),
    unknown: new Map(entries),
  };
}
