/** Numbers as people and files write them. */

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The number that is given or written, NaN where it is none: `Number` takes '' for 0, '0x10' for 16, true for 1. */
export function decimalOf(given: unknown): number {
  if (typeof given === 'number') return given;
  return typeof given === 'string' && DECIMAL.test(given) ? Number(given) : Number.NaN;
}
