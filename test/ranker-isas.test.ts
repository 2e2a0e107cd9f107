/** Across instruction sets: the same kept behaviours in every bit, probabilities that agree to 1e-6. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'kleio';
import { expect, it } from 'vitest';
import { expectClose } from './cases/closeness.js';
import { goldenRequests, MUSE_SETS, weightsPath } from './cases/muse-golden.js';
import { candidatesOf } from './cases/muse-requests.js';
import { newFolder } from './cases/new-files.js';
import { runProgram } from './cases/programs.js';

const ACROSS_ISAS = 1e-6;

const folder = newFolder('isas');

interface Answers {
  readonly isa: string;
  readonly answers: readonly {
    readonly kept: string;
    readonly probabilities: readonly number[];
    readonly interests: readonly number[];
  }[];
}

/** Every user of the set is offered every candidate of the set, in every way. */
function requestsOf(set: string) {
  const golden = goldenRequests(set);
  const candidates = candidatesOf(golden.map(({ candidate }) => candidate));
  return golden.flatMap(({ items, categories, user }) =>
    [
      {},
      { emptyPlaces: 'mask' },
      { lifelong: 'category' },
      { lifelong: 'learned-cosine' },
      { lifelong: 'none' },
    ].map((options) => ({
      items,
      categories,
      user,
      candidates,
      ...options,
    })),
  );
}

/** Ids are numbers of 64 bits, which JSON has as text. */
const idAsText = (_: string, value: unknown) =>
  value instanceof BigInt64Array
    ? Array.from(value, String)
    : typeof value === 'bigint'
      ? String(value)
      : value;

it.each(MUSE_SETS)('%s', async (set) => {
  const path = join(folder, `${set}.json`);
  const asked = { weights: weightsPath(set), requests: requestsOf(set) };
  writeFileSync(path, JSON.stringify(asked, idAsText));
  const [first, ...others] = await Promise.all(
    inspect().supportedIsas.map((isa) =>
      runProgram<Answers>('rank-released.mjs', { env: { KLEIO_ISA: isa, RANK_REQUESTS: path } }),
    ),
  );
  expect([first, ...others].map((run) => run?.isa)).toEqual(inspect().supportedIsas);
  for (const { isa, answers } of others) {
    answers.forEach(({ kept, probabilities, interests }, n) => {
      const reference = first!.answers[n]!;
      expect(kept, `${isa}, request ${n}`).toBe(reference.kept);
      expectClose(probabilities, reference.probabilities, ACROSS_ISAS, `${isa}, request ${n}`);
      expectClose(interests, reference.interests, 1e-5, `${isa}, interests of request ${n}`);
    });
  }
});
