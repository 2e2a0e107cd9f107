/**
 * The header of a .safetensors file: 8 bytes of length, that many bytes of JSON, then the values. What
 * the reference implementation refuses is refused here, and the culprit is named.
 */

import { codedError, shown } from '../support/errors.js';
import { JsonFault, JsonReader } from '../support/json-reader.js';
import { MAX_EXTENTS } from '../support/limits.js';
import { ID_ELEMENTS } from './dtypes.js';
import { foreignFormat } from './foreign-formats.js';
import { bitsIn, malformed, sizeFault } from './tensor-shape.js';
import { Turns } from './turns.js';

/** Where a tensor's elements lie in its file. Checked: they do lie there. */
export interface Tensor {
  /** As error texts show it. */
  readonly name: string;
  /** Element type in the file's own words: `I8`, `BF16`, `I64` and so on. */
  readonly element: string;
  readonly shape: readonly number[];
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly byteLength: number;
}

/** What the header of a file says. */
export interface SafetensorsHeader {
  /** Every tensor by name. Checked: they fill the file without gap or overlap. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

export const SAFETENSORS_LENGTH_BYTES = 8;

/** The limit of the reference implementation. */
export const MAX_HEADER = 100_000_000;

/** Bits of an element, of all that the reference implementation knows. */
const BITS_OF_ELEMENT: ReadonlyMap<string, number> = new Map([
  ['F4', 4],
  ['F6_E2M3', 6],
  ['F6_E3M2', 6],
  ['BOOL', 8],
  ['U8', 8],
  ['I8', 8],
  ['F8_E5M2', 8],
  ['F8_E5M2FNUZ', 8],
  ['F8_E4M3', 8],
  ['F8_E4M3FNUZ', 8],
  ['F8_E8M0', 8],
  ['U16', 16],
  ['I16', 16],
  ['F16', 16],
  ['BF16', 16],
  ['U32', 32],
  ['I32', 32],
  ['F32', 32],
  ['U64', 64],
  ['I64', 64],
  ['F64', 64],
  ['C64', 64],
]);

/** Length of the JSON that follows the first eight bytes. `start` may go on behind them. */
export function safetensorsHeaderBytes(path: string, start: Uint8Array, size: number): number {
  const foreign = foreignFormat(start);
  if (foreign !== undefined) throw malformed(path, foreign);
  if (size < SAFETENSORS_LENGTH_BYTES) {
    throw malformed(path, `is neither .npy nor .safetensors: it has ${size} bytes`);
  }
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const claimed = view.getBigUint64(0, true);
  if (claimed === 0n) {
    throw malformed(
      path,
      'begins with zeros: perhaps it was not written, or downloaded, to its end',
    );
  }
  const room = size - SAFETENSORS_LENGTH_BYTES;
  if (claimed > BigInt(Math.min(room, MAX_HEADER))) {
    throw malformed(
      path,
      `is no .npy file, and as .safetensors its header would have ${claimed} bytes where ${room} follow` +
        ` (at most ${MAX_HEADER} are allowed)`,
    );
  }
  return Number(claimed);
}

/**
 * In time linear in the header. The event loop turns meanwhile; `header` must not change. Tensors that
 * nobody may ask for need not be readable: of an element type that is not known, only the place is checked.
 */
export async function parseSafetensorsHeader(
  path: string,
  header: Uint8Array,
  size: number,
): Promise<SafetensorsHeader> {
  const valuesStart = SAFETENSORS_LENGTH_BYTES + header.byteLength;
  const tensors = new Map<string, Tensor>();
  let metadata: Record<string, string> = {};
  try {
    const json = new JsonReader(header);
    if (json.kind() !== 'object') throw malformed(path, 'its header is not a JSON object');
    const turns = new Turns();
    for (const name of json.keys()) {
      if (name === '__metadata__') metadata = await readMetadata(path, json, turns);
      else tensors.set(name, readTensor(path, name, json, valuesStart));
      if (turns.isDue()) await turns.next();
    }
    json.end();
  } catch (cause) {
    if (!JsonFault.is(cause)) throw cause;
    throw malformed(path, `its header, at byte ${cause.at}: ${cause.message}`, cause);
  }
  requireFilled(path, [...tensors.values()], valuesStart, size);
  return { tensors, metadata };
}

/** The error of a tensor that is asked for, and whose elements cannot be read as what it is asked for. */
export function wrongElement(
  { name, element }: Pick<Tensor, 'name' | 'element'>,
  expected: string,
): Error {
  if (BITS_OF_ELEMENT.has(element)) {
    const save = expected === ID_ELEMENTS ? 'I64' : 'F32';
    return codedError(
      'ERR_KLEIO_DTYPE',
      `${name} must be ${expected}; got ${element}; save it as ${save}`,
    );
  }
  return codedError(
    'ERR_KLEIO_FORMAT',
    `${name} has the unknown dtype ${shown(element)}; it must be ${expected}`,
  );
}

async function readMetadata(
  path: string,
  json: JsonReader,
  turns: Turns,
): Promise<Record<string, string>> {
  if (json.kind() !== 'object') throw malformed(path, '__metadata__ is not an object');
  const entries: [string, string][] = [];
  for (const key of json.keys()) {
    if (json.kind() !== 'string')
      throw malformed(path, `__metadata__ ${shown(key)} is not a string`);
    entries.push([key, json.string()]);
    if (turns.isDue()) await turns.next();
  }
  return Object.fromEntries(entries);
}

function readTensor(path: string, name: string, json: JsonReader, valuesStart: number): Tensor {
  const label = shown(name);
  const refused = (what: string) => malformed(path, `tensor ${label} ${what}`);
  if (json.kind() !== 'object') throw refused('is not described by an object');
  const { dtype, shape, offsets } = readEntry(json, refused);
  if (dtype === undefined) throw refused('has the unknown dtype undefined');
  const [begin = -1, end = -1] = offsets;
  if (offsets.length !== 2 || begin > end) throw refused('must have data_offsets [begin, end]');
  if (shape === undefined) throw refused('has no shape');
  const bits = BITS_OF_ELEMENT.get(dtype);
  if (bits !== undefined && bitsIn(shape, bits) !== (end - begin) * 8) {
    throw refused(`of ${dtype} ${sizeFault(shape, bits, end - begin)}`);
  }
  return {
    name: label,
    element: dtype,
    shape,
    offset: valuesStart + begin,
    byteLength: end - begin,
  };
}

type Refused = (what: string) => Error;

interface Entry {
  readonly dtype: string | undefined;
  readonly shape: number[] | undefined;
  readonly offsets: number[];
}

function readEntry(json: JsonReader, refused: Refused): Entry {
  let dtype: string | undefined;
  let shape: number[] | undefined;
  let offsets: number[] = [];
  for (const key of json.keys()) {
    if (key === 'dtype' && json.kind() === 'string') dtype = json.string();
    else if (key === 'shape') {
      shape = readCounts(json, MAX_EXTENTS, () => {
        return refused(`has no shape of at most ${MAX_EXTENTS} whole numbers`);
      });
    } else if (key === 'data_offsets') {
      offsets = readCounts(json, 2, () => refused('must have data_offsets [begin, end]'));
    } else json.skip();
  }
  return { dtype, shape, offsets };
}

/** At most so many whole numbers: what goes on for longer is refused before it is read. */
function readCounts(json: JsonReader, most: number, refused: () => Error): number[] {
  const counts: number[] = [];
  if (json.kind() !== 'array') throw refused();
  for (const _ of json.elements()) {
    const count = json.kind() === 'number' ? json.number() : -1;
    if (!Number.isSafeInteger(count) || count < 0 || counts.length === most) throw refused();
    counts.push(count);
  }
  return counts;
}

/** Tensors lie one after the other from the header to the end of the file. */
function requireFilled(path: string, tensors: Tensor[], valuesStart: number, size: number): void {
  let end = valuesStart;
  for (const { name, offset, byteLength } of tensors.sort(byPlace)) {
    if (offset < end) throw malformed(path, `tensor ${name} overlaps the one before it`);
    if (offset > end) {
      throw malformed(path, `${offset - end} bytes before tensor ${name} belong to none`);
    }
    end = offset + byteLength;
    if (end > size) {
      throw malformed(path, `tensor ${name} ends at byte ${end}, the file has ${size}`);
    }
  }
  if (end !== size) throw malformed(path, `the last ${size - end} bytes belong to no tensor`);
}

function byPlace(a: Tensor, b: Tensor): number {
  return a.offset - b.offset || a.byteLength - b.byteLength;
}
