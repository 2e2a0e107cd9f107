/**
 * A retrieval written down as JSON:
 *
 *     { "history": [ids], "user": [numbers], "allow": [ids], "block": [ids] }
 *
 * Ids may be numbers or strings of digits, both to all 64 bits. Everything may be left out.
 */

import { readFileSync } from 'node:fs';

import { idList, parseExactly } from '../request-file.js';

export interface TreeRequest {
  readonly history: BigInt64Array;
  readonly user: Float32Array;
  readonly allow: BigInt64Array | undefined;
  readonly block: BigInt64Array | undefined;
}

const NOTHING: TreeRequest = {
  history: new BigInt64Array(),
  user: new Float32Array(),
  allow: undefined,
  block: undefined,
};

const STANDARD_INPUT = 0;

/** @param path `-` for standard input; without one nothing is known of the user. */
export function readTreeRequest(path: string | undefined): TreeRequest {
  if (path === undefined) return NOTHING;
  const name = path === '-' ? 'standard input' : path;
  const text = readFileSync(path === '-' ? STANDARD_INPUT : path, 'utf8');
  try {
    const { history = [], user = [], allow, block } = fieldsOf(parseExactly(text));
    return {
      history: idList('history', history),
      user: numbersOf(user),
      allow: allow === undefined ? undefined : idList('allow', allow),
      block: block === undefined ? undefined : idList('block', block),
    };
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new Error('the request must be an object');
}

function numbersOf(values: unknown): Float32Array {
  if (!Array.isArray(values)) throw new Error('user must be an array of numbers');
  return Float32Array.from(values as unknown[], (value, index) => {
    const number = Number(value);
    if (Number.isFinite(number)) return number;
    throw new Error(`user[${index}] must be a number; got ${JSON.stringify(value)}`);
  });
}
