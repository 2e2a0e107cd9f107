/**
 * A ranking written down as JSON:
 *
 *     { "user": [ids], "history": { "items": [ids], "categories": [ids] },
 *       "candidates": { "items": [ids], "categories": [ids], "cities": [ids], "provinces": [ids] } }
 *
 * Lists that are left out, except the items, are of unknown ids; a user without a history has no behaviours.
 */

import type { RankedUser } from '../ranked-user.js';
import { ids, object, REQUEST, type Reader } from './request-fields.js';
import type { RequestJson } from './request-json.js';
import { requestText } from './request-text.js';

const UNKNOWN = 0n;
const USER_FEATURES = 6;

const user: Reader<BigInt64Array> = (json, path) => {
  const start = json.place();
  return ofLength(USER_FEATURES, ids(json, path), json, path, start);
};

const history = withAttributes(['categories']);
const candidates = withAttributes(['categories', 'cities', 'provinces']);

const request = object({ user, candidates }, { history });

/** @param path `-` for standard input. */
export async function readRankRequest(path: string): Promise<RankedUser> {
  return rankRequest(await requestText(path));
}

export function rankRequest(json: RequestJson): RankedUser {
  const { history: given, ...rest } = json.whole(() => request(json, REQUEST));
  const none = { items: new BigInt64Array(), categories: new BigInt64Array() };
  return { ...rest, behaviours: given ?? none };
}

/** Items, and for each of them one id of every attribute. */
function withAttributes<Name extends string>(
  names: readonly Name[],
): Reader<Readonly<Record<Name | 'items', BigInt64Array>>> {
  const attributes = Object.fromEntries(names.map((name) => [name, ids]));
  const lists: Reader<Readonly<Record<string, BigInt64Array | undefined>>> = object(
    { items: ids },
    attributes,
  );
  return (json, path) => {
    const start = json.place();
    const given = lists(json, path);
    const items = given.items!;
    const all: Record<string, BigInt64Array> = { items };
    for (const name of names) {
      all[name] = ofLength(items.length, given[name], json, `${path}.${name}`, start);
    }
    return all as Record<Name | 'items', BigInt64Array>;
  };
}

function ofLength(
  length: number,
  given: BigInt64Array | undefined,
  json: RequestJson,
  path: string,
  start: number,
): BigInt64Array {
  if (given === undefined) return new BigInt64Array(length).fill(UNKNOWN);
  if (given.length === length) return given;
  throw json.refused(`${path} must have ${length} ids; got ${given.length}`, start);
}
