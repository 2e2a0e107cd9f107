/** Ways to damage a .safetensors file: bytes anywhere, its length, or its header with the syntax intact. */
import type { Random } from '../cases/random.js';
import { safetensorsWithHeader } from '../cases/tensor-files.js';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Mostly one of them, sometimes several, one after the other. */
export function damaged(file: Uint8Array, random: Random): Uint8Array {
  let bytes: Uint8Array = Uint8Array.from(file);
  do {
    bytes = random.pick(DAMAGES)(bytes, random);
  } while (random.chance(0.2));
  return bytes;
}

type Damage = (file: Uint8Array, random: Random) => Uint8Array;

const DAMAGES: readonly Damage[] = [
  changedBytes,
  cut,
  extended,
  spliced,
  changedLength,
  changedHeader,
  changedHeader,
  changedHeader,
  changedValues,
  changedValues,
  changedMetadata,
  reshaped,
];

const within = (random: Random, length: number) => random.integer(0, Math.max(0, length - 1));

/** Half of the time in the header, which is where structure is. */
function placeOf(file: Uint8Array, random: Random): number {
  const header = Math.min(file.length, headerEnd(file));
  return within(random, random.chance(0.5) ? header : file.length);
}

function changedBytes(file: Uint8Array, random: Random): Uint8Array {
  for (let times = random.integer(1, 8); times > 0 && file.length > 0; times -= 1) {
    const at = placeOf(file, random);
    file[at] = random.pick([0, 0x7f, 0xff, file[at]! ^ (1 << random.integer(0, 7)), 0x22, 0x39]);
  }
  return file;
}

/** The header stays true: only ids and parameters change. */
function changedValues(file: Uint8Array, random: Random): Uint8Array {
  const start = headerEnd(file);
  for (let times = random.integer(1, 20); times > 0 && start < file.length; times -= 1) {
    file[random.integer(start, file.length - 1)] = random.integer(0, 255);
  }
  return file;
}

function cut(file: Uint8Array, random: Random): Uint8Array {
  return file.slice(0, random.chance(0.5) ? placeOf(file, random) : -random.integer(1, 16));
}

function extended(file: Uint8Array, random: Random): Uint8Array {
  return Uint8Array.of(...file, ...new Uint8Array(random.integer(1, 64)));
}

/** A stretch of the file copied over another. */
function spliced(file: Uint8Array, random: Random): Uint8Array {
  const start = placeOf(file, random);
  file.copyWithin(placeOf(file, random), start, start + random.integer(1, 64));
  return file;
}

function changedLength(file: Uint8Array, random: Random): Uint8Array {
  if (file.length < 8) return file;
  const length = BigInt(headerEnd(file) - 8 + random.integer(-9, 9));
  const claimed = random.pick([length, 0n, 1n, 2n ** 31n, 2n ** 53n, 2n ** 64n - 1n]);
  new DataView(file.buffer).setBigUint64(0, claimed, true);
  return file;
}

/** Header and values agree no longer, but every layer of the syntax is still right. */
function changedHeader(file: Uint8Array, random: Random): Uint8Array {
  return withHeader(file, (header) => mutated(header, random));
}

/** Other sizes than the tensors have, and settings out of their range. */
function changedMetadata(file: Uint8Array, random: Random): Uint8Array {
  return withHeader(file, (header) => {
    const settings = { ...(header.__metadata__ as { [key: string]: Json }) };
    settings[random.pick(SETTINGS)] = random.pick(TEXTS);
    return { ...header, __metadata__: settings };
  });
}

/** Extents of one tensor in another order, or of two tensors exchanged: as many bytes as before. */
function reshaped(file: Uint8Array, random: Random): Uint8Array {
  return withHeader(file, (header) => {
    const names = Object.keys(header).filter((name) => name !== '__metadata__');
    if (names.length === 0) return header;
    const name = random.pick(names);
    const tensor = header[name] as { [key: string]: Json };
    const shape = Array.isArray(tensor?.shape) ? tensor.shape : [];
    const other = random.pick([shape.toReversed(), [...shape, 1], [1, ...shape]]);
    return { ...header, [name]: { ...tensor, shape: other } };
  });
}

function withHeader(
  file: Uint8Array,
  change: (header: { [key: string]: Json }) => Json,
): Uint8Array {
  const end = headerEnd(file);
  let header: Json;
  try {
    header = JSON.parse(Buffer.from(file.subarray(8, end)).toString());
  } catch {
    return file;
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) return file;
  return Uint8Array.from(
    safetensorsWithHeader(JSON.stringify(change(header)), [file.subarray(end)]),
  );
}

/** Where the values start, if the file says so and is long enough. */
function headerEnd(file: Uint8Array): number {
  if (file.length < 8) return file.length;
  const claimed = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true);
  return claimed > BigInt(file.length - 8) ? file.length : 8 + Number(claimed);
}

/** Walks down to some value and changes it. */
function mutated(value: Json, random: Random): Json {
  if (typeof value !== 'object' || value === null || random.chance(0.03)) {
    return changedValue(value, random);
  }
  const keys = Object.keys(value);
  if (keys.length === 0) return changedValue(value, random);
  const key = random.pick(keys);
  if (Array.isArray(value)) {
    const copy = [...value];
    if (random.chance(0.1)) copy.splice(Number(key), random.integer(0, 1), copy[0] as Json);
    else copy[Number(key)] = mutated(copy[Number(key)] as Json, random);
    return copy;
  }
  return changedObject(value, key, random);
}

function changedObject(object: { [key: string]: Json }, key: string, random: Random): Json {
  const { [key]: chosen, ...rest } = object;
  const other = random.pick(Object.keys(object));
  switch (random.integer(0, 9)) {
    case 0:
      return rest;
    case 1:
      return { ...rest, [random.pick(NAMES)]: chosen as Json };
    case 2:
      return { ...object, [key]: object[other] as Json, [other]: chosen as Json };
    default:
      return { ...object, [key]: mutated(chosen as Json, random) };
  }
}

const NAMES = ['', '__proto__', '__metadata__', 'constructor', 'dtype', 'x'.repeat(300), '\0'];

const TEXTS = [
  '1',
  '7',
  '0.5',
  '65536',
  'F32',
  'I64',
  'I8',
  'F16',
  'BF16',
  'F64',
  'U8',
  '',
  '50',
  '1e9',
  '-1',
  'NaN',
  '0.3',
];

const SETTINGS = ['embedding_dim', 'keep_top', 'short_steps', 'tier_width', 'attention_scale'];

const NUMBERS = [0, -0, 1, -1, 0.5, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 63, 1e308, 65536, 3, 16];

function changedValue(value: Json, random: Random): Json {
  if (typeof value === 'number' && random.chance(0.5)) return value + random.integer(-8, 8);
  if (typeof value === 'string' && random.chance(0.7)) return random.pick(TEXTS);
  return random.pick<Json>([null, true, [], {}, random.pick(NUMBERS), random.pick(TEXTS), [[]]]);
}
