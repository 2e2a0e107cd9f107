/** The header of a .npy file, versions 1.0 to 3.0 of the NumPy format, read as NumPy reads it. */

import { codedError, shown } from '../support/errors.js';
import { MAX_EXTENTS } from '../support/limits.js';
import { Buffer } from '../support/node-builtins.js';
import { ELEMENT_TYPES } from './dtypes.js';
import { LiteralFault, type PythonValue, readLiteral } from './python-literal.js';
import type { Tensor } from './safetensors.js';
import { bitsIn, malformed, sizeFault } from './tensor-shape.js';

const MAGIC = '\x93NUMPY';

/** Longest header that is read: NumPy writes 118 bytes for a matrix, and refuses 10 000 itself. */
export const NPY_MAX_HEADER = 16_384;

/** Element types in the words of .safetensors, so that both files are read alike. */
type ElementOfDescr = ReadonlyMap<string, readonly [element: string, bytes: number]>;

/** What an array may hold. */
interface NpyContent {
  readonly elements: ElementOfDescr;
  /** Types that packages add to NumPy, where a writer gave their names. */
  readonly added: ElementOfDescr;
  /** What error texts call it. */
  readonly noun: string;
  /** What to make of other numbers. */
  readonly advised: string;
}

const EMBEDDING_OF_DESCR: ElementOfDescr = new Map(
  Object.values(ELEMENT_TYPES).flatMap(({ bytes, bits, element, descr }) => [
    ...(descr === undefined ? [] : [[descr, [element, bytes]] as const]),
    ...(bits?.descrs ?? []).map((name) => [name, [bits!.element, bytes]] as const),
  ]),
);

/** Other names that NumPy gives to these types. */
const DESCR_OF_NAME: ReadonlyMap<string, string> = new Map([
  ['b', 'i1'],
  ['byte', 'i1'],
  ['int8', 'i1'],
  ['B', 'u1'],
  ['ubyte', 'u1'],
  ['uint8', 'u1'],
  ['H', 'u2'],
  ['ushort', 'u2'],
  ['uint16', 'u2'],
  ['e', 'f2'],
  ['half', 'f2'],
  ['float16', 'f2'],
  ['f', 'f4'],
  ['single', 'f4'],
  ['float32', 'f4'],
  ['q', 'i8'],
  ['longlong', 'i8'],
  ['int64', 'i8'],
  ['Q', 'u8'],
  ['ulonglong', 'u8'],
  ['uint64', 'u8'],
]);

export const NPY_EMBEDDINGS: NpyContent = {
  elements: EMBEDDING_OF_DESCR,
  added: new Map([
    ['bfloat16', [ELEMENT_TYPES.bfloat16.element, 2]],
    ['float8_e4m3fn', [ELEMENT_TYPES.float8.element, 1]],
  ]),
  noun: 'embeddings',
  advised: '<f4',
};

export const NPY_IDS: NpyContent = {
  elements: new Map([
    ['<i8', ['I64', 8]],
    ['<u8', ['U64', 8]],
  ]),
  added: new Map(),
  noun: 'ids',
  advised: '<i8',
};

export function isNpy(start: Uint8Array): boolean {
  return latin1(start.subarray(0, MAGIC.length)) === MAGIC;
}

/** `start` is the file's beginning, at most NPY_MAX_HEADER bytes of it; `size` its length. */
export function parseNpyHeader(
  path: string,
  start: Uint8Array,
  size: number,
  content: NpyContent,
): Tensor {
  const { text, end } = headerText(path, start);
  const { descr, fortranOrder, shape } = readHeader(path, text);
  const [element, bytes] = elementOf(path, descr, content);
  // In one row or column both orders are the same bytes.
  if (fortranOrder && shape.filter((extent) => extent !== 1).length > 1 && !shape.includes(0)) {
    throw malformed(path, 'its array is in Fortran order; save it with numpy.ascontiguousarray');
  }
  if (bitsIn(shape, bytes * 8) !== (size - end) * 8) {
    throw malformed(path, `an array of ${shown(descr)} ${sizeFault(shape, bytes * 8, size - end)}`);
  }
  return { name: 'its array', element, shape, offset: end, byteLength: size - end };
}

function headerText(path: string, start: Uint8Array): { text: string; end: number } {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const major = start[6];
  if (major === undefined || major < 1 || major > 3) {
    throw malformed(path, `is of .npy version ${major ?? 'none'}; 1, 2 and 3 can be read`);
  }
  const headerStart = major === 1 ? 10 : 12;
  if (start.byteLength < headerStart) throw malformed(path, 'ends within its header');
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const end = headerStart + length;
  if (end > start.byteLength) {
    throw malformed(path, `its header would have ${length} bytes, the file or the limit has fewer`);
  }
  return { text: latin1(start.subarray(headerStart, end)), end };
}

interface NpyHeader {
  readonly descr: PythonValue;
  readonly fortranOrder: boolean;
  readonly shape: number[];
}

function readHeader(path: string, text: string): NpyHeader {
  const entries = readDictionary(path, text);
  const descr = entries.get('descr');
  const fortranOrder = entries.get('fortran_order');
  const shape = entries.get('shape');
  if (descr === undefined || fortranOrder === undefined || shape === undefined) {
    throw malformed(
      path,
      `its header must give descr, fortran_order and shape; got ${shown(text)}`,
    );
  }
  if (typeof fortranOrder !== 'boolean') {
    throw malformed(path, `its fortran_order must be True or False; got ${shown(fortranOrder)}`);
  }
  if (!isCounts(shape)) {
    throw malformed(path, `its shape must be of whole numbers, at most ${MAX_EXTENTS}`);
  }
  return { descr, fortranOrder, shape: shape.map(Number) };
}

function readDictionary(path: string, text: string): ReadonlyMap<PythonValue, PythonValue> {
  let literal: PythonValue;
  try {
    literal = readLiteral(text);
  } catch (cause) {
    if (!LiteralFault.is(cause)) throw cause;
    const expected = 'its header must give descr, fortran_order and shape in a dictionary';
    throw malformed(path, `${expected}; ${cause.message}: ${shown(text)}`, cause);
  }
  if (isDictionary(literal)) return literal;
  throw malformed(path, `its header must be a dictionary of descr, fortran_order and shape`);
}

type PythonDictionary = Extract<PythonValue, ReadonlyMap<PythonValue, PythonValue>>;

function isDictionary(literal: PythonValue): literal is PythonDictionary {
  return typeof literal === 'object' && literal !== null && !Array.isArray(literal);
}

function isCounts(shape: PythonValue): shape is bigint[] {
  return (
    Array.isArray(shape) &&
    shape.length <= MAX_EXTENTS &&
    shape.every((extent) => {
      return typeof extent === 'bigint' && extent >= 0n && extent <= Number.MAX_SAFE_INTEGER;
    })
  );
}

/** The element type that `descr` names in any spelling of NumPy's, and its bytes. */
function elementOf(
  path: string,
  descr: PythonValue,
  content: NpyContent,
): readonly [element: string, bytes: number] {
  const { elements, added, noun } = content;
  if (typeof descr !== 'string') {
    throw codedError(
      'ERR_KLEIO_DTYPE',
      `${path}: its array is structured, with fields of their own; save the field that holds the ${noun}`,
    );
  }
  const named = added.get(descr);
  if (named !== undefined) return named;
  const [, mark = '', name = ''] = /^([<>=|]?)(.*)$/s.exec(descr) ?? [];
  const plain = DESCR_OF_NAME.get(name) ?? name;
  const known = [`|${plain}`, `<${plain}`].find((spelling) => elements.has(spelling));
  if (known === undefined) throw unreadable(path, descr, content);
  const found = elements.get(known)!;
  if (mark !== '>' || found[1] === 1) return found;
  throw codedError(
    'ERR_KLEIO_DTYPE',
    `${path}: its array is big-endian, ${shown(descr)}; save it with array.astype('${known}')`,
  );
}

function unreadable(path: string, descr: string, { elements, advised }: NpyContent): Error {
  const readable = [...elements.keys()].join(', ');
  return codedError(
    'ERR_KLEIO_DTYPE',
    `${path}: descr must be one of ${readable}; got ${shown(descr)}${adviceFor(descr, advised)}`,
  );
}

function adviceFor(descr: string, advised: string): string {
  if (/^[|<>=]?(?:O|object)/.test(descr)) {
    return ' (pickled Python objects, not numbers: save it with array.astype)';
  }
  const isNumbers = /^[|<>=]?(?:[biuf][1-9]|float|double|u?int|bool|[ldqhiLQI?g])/.test(descr);
  return isNumbers ? `; save it with array.astype('${advised}')` : '';
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
