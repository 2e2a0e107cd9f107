/** Shapes of tensors: how many bytes they take, and what error texts show of them. */

import { codedError } from '../support/errors.js';

const SHOWN_EXTENTS = 6;

/** Bits of `shape` elements of `bits` bits; Infinity where that is more than a file can have. */
export function bitsIn(shape: readonly number[], bits: number): number {
  if (shape.includes(0)) return 0;
  const total = shape.reduce((product, extent) => product * extent, bits);
  return Number.isSafeInteger(total) ? total : Number.POSITIVE_INFINITY;
}

/** `[3, 2]`; of many extents the first ones. */
export function shownShape(shape: readonly number[]): string {
  const first = shape.slice(0, SHOWN_EXTENTS).join(', ');
  const rest = shape.length - SHOWN_EXTENTS;
  return rest > 0 ? `[${first}, … ${rest} more]` : `[${first}]`;
}

/** `[3, 2] takes …`: the sentence of a tensor whose bytes are not those that its shape takes. */
export function sizeFault(shape: readonly number[], bits: number, bytes: number): string {
  const all = bitsIn(shape, bits);
  const takes = Number.isFinite(all) ? `${all / 8} bytes` : 'more bytes than a file can have';
  return `${shownShape(shape)} takes ${takes}; ${bytes} are there`;
}

export function malformed(path: string, what: string, cause?: unknown): Error {
  return codedError('ERR_KLEIO_FORMAT', `${path}: ${what}`, cause === undefined ? {} : { cause });
}
