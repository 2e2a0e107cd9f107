/** The header of a .npy file, versions 1.0 to 3.0 of the NumPy format. */

import { codedError, shown } from '../support/errors.js';
import { ELEMENT_TYPES } from './dtypes.js';
import type { Tensor } from './safetensors.js';

const MAGIC = '\x93NUMPY';

/** Longest header that is read: NumPy writes 118 bytes for a matrix, and refuses 10 000 itself. */
export const NPY_MAX_HEADER = 16_384;

/** Element types in the words of .safetensors, so that both files are read alike. */
const ELEMENT_OF_DESCR: ReadonlyMap<string, readonly [element: string, bytes: number]> = new Map(
  Object.values(ELEMENT_TYPES).flatMap(({ bytes, bits, element, descr }) => [
    ...(descr === undefined ? [] : [[descr, [element, bytes]] as const]),
    ...(bits?.descrs ?? []).map((name) => [name, [bits!.element, bytes]] as const),
  ]),
);

export function isNpy(start: Uint8Array): boolean {
  return latin1(start.subarray(0, MAGIC.length)) === MAGIC;
}

/** `start` is the file's beginning, at most NPY_MAX_HEADER bytes of it; `size` its length. */
export function parseNpyHeader(path: string, start: Uint8Array, size: number): Tensor {
  const { text, end } = headerText(path, start);
  const descr = field(text, 'descr', /'([^']*)'|"([^"]*)"/);
  const order = field(text, 'fortran_order', /(True|False)/);
  const extents = field(text, 'shape', /\(([^)]*)\)/);
  if (descr === undefined || order === undefined || extents === undefined) {
    throw malformed(
      path,
      `its header must give descr, fortran_order and shape; got ${shown(text)}`,
    );
  }
  const known = ELEMENT_OF_DESCR.get(descr);
  if (known === undefined) {
    const readable = [...ELEMENT_OF_DESCR.keys()].join(', ');
    throw codedError(
      'ERR_KLEIO_DTYPE',
      `${path}: descr must be one of ${readable}; got ${shown(descr)}`,
    );
  }
  const shape = parseShape(path, extents);
  if (order === 'True' && shape.length > 1) {
    throw malformed(path, 'its array is in Fortran order; save it with numpy.ascontiguousarray');
  }
  const [element, bytes] = known;
  const expected = shape.reduce((product, extent) => product * BigInt(extent), BigInt(bytes));
  if (expected !== BigInt(size - end)) {
    throw malformed(
      path,
      `an array of ${descr} (${shape.join(', ')}) takes ${expected} bytes; ${size - end} follow the header`,
    );
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

/** The value of a key of the header's Python dictionary, if it has the form asked for. */
function field(text: string, key: string, value: RegExp): string | undefined {
  const pattern = new RegExp(`['"]${key}['"]\\s*:\\s*(?:${value.source})`);
  return pattern
    .exec(text)
    ?.slice(1)
    .find((group) => group !== undefined);
}

function parseShape(path: string, extents: string): number[] {
  const parts = extents.split(',').map((part) => part.trim());
  if (parts.at(-1) === '') parts.pop();
  return parts.map((part) => {
    const extent = /^\d+$/.test(part) ? Number(part) : Number.NaN;
    if (Number.isSafeInteger(extent)) return extent;
    throw malformed(path, `its shape must be of whole numbers; got (${extents})`);
  });
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function malformed(path: string, what: string): Error {
  return codedError('ERR_KLEIO_FORMAT', `${path}: ${what}`);
}
