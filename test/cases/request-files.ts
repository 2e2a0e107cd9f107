/** Requests of the released model as a file, for programs that rank them. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RankRequest } from 'kleio';
import { goldenRequests, weightsPath } from './muse-golden.js';
import { candidatesOf } from './muse-requests.js';

/** How a request may ask, beside its history, user and candidates. */
export type Way = Pick<RankRequest, 'emptyPlaces' | 'lifelong' | 'k'>;

/** The file's path: some users with every candidate, in each of the ways. */
export function writeRequests(
  folder: string,
  set: string,
  ways: readonly Way[],
  users = 5,
): string {
  const golden = goldenRequests(set);
  const candidates = candidatesOf(golden.slice(0, 19).map(({ candidate }) => candidate));
  const requests = golden
    .slice(0, users)
    .flatMap(({ items, categories, user }) =>
      ways.map((way) => ({ items, categories, user, candidates, ...way })),
    );
  const path = join(folder, `${set}.json`);
  const textOf = (_: string, value: unknown) =>
    value instanceof BigInt64Array
      ? Array.from(value, String)
      : typeof value === 'bigint'
        ? String(value)
        : value;
  writeFileSync(path, JSON.stringify({ weights: weightsPath(set), requests }, textOf));
  return path;
}
