/**
 * A ranking written down as JSON:
 *
 *     { "user": [ids], "history": { "items": [ids], "categories": [ids] },
 *       "candidates": { "items": [ids], "categories": [ids], "cities": [ids], "provinces": [ids] } }
 *
 * Ids may be numbers or strings of digits, both to all 64 bits. Lists of ids that are left out, except
 * the items, are of unknown ids.
 */

import { readFileSync } from 'node:fs';

import type { RankedUser } from './ranked-user.js';

type Fields = Readonly<Record<string, unknown>>;

const STANDARD_INPUT = 0;
const UNKNOWN = 0n;
const USER_FEATURES = 6;

/** @param path `-` for standard input. */
export function readRequestFile(path: string): RankedUser {
  const name = path === '-' ? 'standard input' : path;
  const text = readFileSync(path === '-' ? STANDARD_INPUT : path, 'utf8');
  try {
    return rankedUser(fieldsOf('the request', parseExactly(text)));
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function rankedUser(request: Fields): RankedUser {
  const history = fieldsOf('history', request.history ?? { items: [] });
  const candidates = fieldsOf('candidates', request.candidates);
  const behaviours = idsOf('history.items', history.items);
  const items = idsOf('candidates.items', candidates.items);
  const ofHistory = (name: string) => idsOf(`history.${name}`, history[name], behaviours.length);
  const ofCandidates = (name: string) =>
    idsOf(`candidates.${name}`, candidates[name], items.length);
  return {
    user: idsOf('user', request.user, USER_FEATURES),
    behaviours: { items: behaviours, categories: ofHistory('categories') },
    candidates: {
      items,
      categories: ofCandidates('categories'),
      cities: ofCandidates('cities'),
      provinces: ofCandidates('provinces'),
    },
  };
}

/** JSON.parse rounds long whole numbers; as strings they keep every digit. */
export function parseExactly(text: string): unknown {
  const tokens = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
  return JSON.parse(
    text.replace(tokens, (token) => (/^-?\d+$/.test(token) ? `"${token}"` : token)),
  );
}

function fieldsOf(name: string, value: unknown): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new Error(`${name} must be an object`);
}

function idsOf(name: string, values: unknown, length?: number): BigInt64Array {
  if (values === undefined && length !== undefined) return new BigInt64Array(length).fill(UNKNOWN);
  const ids = idList(name, values);
  if (length === undefined || ids.length === length) return ids;
  throw new Error(`${name} must have ${length} ids; got ${ids.length}`);
}

export function idList(name: string, values: unknown): BigInt64Array {
  if (!Array.isArray(values)) throw new Error(`${name} must be an array of ids`);
  return BigInt64Array.from(values as unknown[], (value, index) => {
    if (typeof value === 'string' && /^-?\d+$/.test(value)) {
      const id = BigInt(value);
      if (BigInt.asIntN(64, id) === id) return id;
    }
    throw new Error(`${name}[${index}] must be a 64-bit id; got ${JSON.stringify(value)}`);
  });
}
