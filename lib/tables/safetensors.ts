/**
 * The header of a .safetensors file: 8 bytes of length, that many bytes of JSON, then the values. What
 * the reference implementation refuses is refused here, and the culprit is named.
 */

import { codedError, shown } from '../support/errors.js';

/** Where a tensor's elements lie in its file. Checked: they do lie there. */
export interface Tensor {
  readonly name: string;
  /** Element type in the file's own words: `I8`, `BF16`, `I64` and so on. */
  readonly element: string;
  readonly shape: readonly number[];
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly byteLength: number;
}

export const SAFETENSORS_LENGTH_BYTES = 8;

/** The limit of the reference implementation. */
const MAX_HEADER = 100_000_000;

/** Bytes of an element; sub-byte types of the format are no embeddings and are refused as unknown. */
const BYTES_OF_ELEMENT: ReadonlyMap<unknown, number> = new Map([
  ['BOOL', 1],
  ['U8', 1],
  ['I8', 1],
  ['F8_E5M2', 1],
  ['F8_E4M3', 1],
  ['F8_E8M0', 1],
  ['U16', 2],
  ['I16', 2],
  ['F16', 2],
  ['BF16', 2],
  ['U32', 4],
  ['I32', 4],
  ['F32', 4],
  ['U64', 8],
  ['I64', 8],
  ['F64', 8],
  ['C64', 8],
]);

/** Length of the JSON that follows the first eight bytes. */
export function safetensorsHeaderBytes(path: string, start: Uint8Array, size: number): number {
  if (size < SAFETENSORS_LENGTH_BYTES) {
    throw malformed(path, `is neither .npy nor .safetensors: it has ${size} bytes`);
  }
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const claimed = view.getBigUint64(0, true);
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

/** What the header of a file says. */
export interface SafetensorsHeader {
  /** Every tensor by name. Checked: they fill the file without gap or overlap. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

export function parseSafetensorsHeader(
  path: string,
  header: Uint8Array,
  size: number,
): SafetensorsHeader {
  const entries = parseEntries(path, header);
  const valuesStart = SAFETENSORS_LENGTH_BYTES + header.byteLength;
  const tensors = new Map<string, Tensor>();
  for (const [name, entry] of Object.entries(entries)) {
    if (name !== '__metadata__') tensors.set(name, parseTensor(path, name, entry, valuesStart));
  }
  requireFilled(path, [...tensors.values()], valuesStart, size);
  return { tensors, metadata: parseMetadata(path, entries.__metadata__) };
}

function parseEntries(path: string, header: Uint8Array): Record<string, unknown> {
  let text: string;
  let entries: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(header);
    entries = JSON.parse(text);
  } catch (cause) {
    throw malformed(path, `its header is not JSON: ${(cause as Error).message}`, cause);
  }
  if (!isRecord(entries)) throw malformed(path, 'its header is not a JSON object');
  const twice = repeatedKey(text);
  if (twice !== undefined) throw malformed(path, `its header names ${twice} twice`);
  return entries;
}

function parseMetadata(path: string, metadata: unknown): Record<string, string> {
  if (metadata === undefined) return {};
  if (!isRecord(metadata)) throw malformed(path, '__metadata__ is not an object');
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== 'string') throw malformed(path, `__metadata__.${key} is not a string`);
  }
  return metadata as Record<string, string>;
}

function parseTensor(path: string, name: string, entry: unknown, valuesStart: number): Tensor {
  const label = shown(name);
  if (!isRecord(entry)) throw malformed(path, `tensor ${label} is not described by an object`);
  const { dtype, shape, data_offsets: offsets } = entry;
  const bytes = BYTES_OF_ELEMENT.get(dtype);
  if (typeof dtype !== 'string' || bytes === undefined) {
    throw malformed(path, `tensor ${label} has the unknown dtype ${shown(dtype)}`);
  }
  if (!isCounts(shape)) {
    throw malformed(path, `tensor ${label} has no shape of whole numbers`);
  }
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    throw malformed(path, `tensor ${label} must have data_offsets [begin, end]`);
  }
  const [begin, end] = offsets as [number, number];
  const expected = shape.reduce((product, extent) => product * BigInt(extent), BigInt(bytes));
  if (expected !== BigInt(end - begin)) {
    throw malformed(
      path,
      `tensor ${label} of ${dtype} [${shape.join(', ')}] takes ${expected} bytes; its data_offsets give ${end - begin}`,
    );
  }
  return {
    name: label,
    element: dtype,
    shape,
    offset: valuesStart + begin,
    byteLength: end - begin,
  };
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

/**
 * The first key that an object of the JSON text gives twice, at the top or inside; JSON.parse would
 * silently take the later one.
 */
function repeatedKey(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[{}[\]]/g;
  for (const [token, colon] of text.matchAll(tokens)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (colon !== undefined) {
      const key = JSON.parse(token.slice(0, -colon.length)) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) return shown(key);
      keys?.add(key);
    }
  }
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}

function malformed(path: string, what: string, cause?: unknown): Error {
  return codedError('ERR_KLEIO_FORMAT', `${path}: ${what}`, cause === undefined ? {} : { cause });
}
