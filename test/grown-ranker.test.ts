/** A ranker whose table of similarities has grown ranks as one that was opened with all of it. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { Ranker, type Ranking } from 'kleio';
import { expect, it } from 'vitest';
import { expectSameBits } from './cases/bitwise.js';
import { expectError } from './cases/coded-errors.js';
import { testDevice } from './cases/device.js';
import { cases } from './cases/extent.js';
import { type DrawnModel, drawModel, modelShapes } from './cases/muse-models.js';
import { drawRequest, requestShapes } from './cases/muse-requests.js';
import { newFolder } from './cases/new-files.js';
import { Random } from './cases/random.js';
import { rankRequestOf } from './cases/ranker-subject.js';
import { safetensorsOf, type Tensor } from './cases/tensor-files.js';
import { elementsIn } from './oracle/float-formats.js';

const seed = Number(process.env.KLEIO_SEED);
const CASES = cases(40);
const KEYS = 'scl_embedding_table.keys';
const VALUES = 'scl_embedding_table.values';

const folder = newFolder('grown-ranker');

async function open({ tensors, metadata }: Pick<DrawnModel, 'tensors' | 'metadata'>) {
  const path = join(folder, 'model.safetensors');
  writeFileSync(path, safetensorsOf(tensors, metadata));
  return Ranker.open(path, { device: testDevice });
}

/** The first rows of a tensor, and its bytes behind them. */
function cut(tensor: Tensor, rows: number): { first: Tensor; rest: Uint8Array } {
  const { dtype, shape, bytes } = tensor;
  const end = (bytes.length / (shape[0] as number)) * rows;
  return {
    first: { dtype, shape: [rows, ...shape.slice(1)], bytes: bytes.subarray(0, end) },
    rest: bytes.slice(end),
  };
}

function expectSame(found: Ranking, expected: Ranking, what: string): void {
  expectSameBits(found.kept, expected.kept, what);
  expect(found.probabilities, what).toEqual(expected.probabilities);
}

it(`ranks the same bits with ${CASES} random models`, () => {
  const seeds = fc.noShrink(fc.integer({ min: 0, max: 2 ** 31 - 1 }));
  const property = fc.asyncProperty(seeds, modelShapes, requestShapes, async (of, shape, asked) => {
    const random = new Random(of);
    const whole = drawModel(shape, random);
    const request = drawRequest(whole, asked, random);
    const rows = whole.tensors[KEYS]?.shape[0] as number;
    const [kept, between] = [random.integer(0, rows), random.integer(0, 3)];
    const keys = cut(whole.tensors[KEYS] as Tensor, kept);
    const values = cut(whole.tensors[VALUES] as Tensor, kept);
    const tensors = { ...whole.tensors, [KEYS]: keys.first, [VALUES]: values.first };
    using ranker = await open({ ...whole, tensors });
    using expected = await open(whole);
    const { table } = ranker;
    expect([table.rows, table.device]).toEqual([kept, testDevice]);

    // A ranking before the growth brings everything to the device; one that runs does not see it.
    const before = rankRequestOf(ranker, request, request.candidates);
    const then = ranker.rankSync(before);
    const running = Array.from({ length: between }, () => ranker.rank(before));
    const ids = new BigInt64Array(keys.rest.buffer);
    const step = Math.max(1, Math.ceil(ids.length / 3));
    const elements = elementsIn(values.rest, shape.similarityDtype);
    for (let first = 0; first < ids.length; first += step) {
      const of = (width: number) => [first * width, (first + step) * width] as const;
      table.append(elements.subarray(...of(table.dim)), { ids: ids.subarray(...of(1)) });
    }
    for (const ranking of running) expectSame(await ranking, then, 'while rows came');
    expect([table.rows, ranker.table]).toEqual([rows, table]);

    const grown = rankRequestOf(ranker, request, request.candidates);
    const opened = expected.rankSync(rankRequestOf(expected, request, request.candidates));
    expectSame(ranker.rankSync(grown), opened, 'rankSync');
    expectSame(await ranker.rank(grown), opened, 'rank');
    expectSame((await ranker.rankMany([grown]))[0] as Ranking, opened, 'rankMany');
  });
  return fc.assert(property, { numRuns: CASES, seed });
});

it('ranks items that the model does not know, as unknown ones with an embedding', async () => {
  const random = new Random(seed);
  const [shape] = fc.sample(modelShapes, { numRuns: 1, seed });
  const model = drawModel({ ...shape!, items: 50, similarityDtype: 'int8' }, random);
  using ranker = await open(model);
  const twin = model.ids['150_2_180']?.find(
    (id) => ranker.table.rowsOf(BigInt64Array.of(id))[0]! >= 0,
  ) as bigint;
  const [unknown, other] = [6_000_000_000_001n, 6_000_000_000_002n];
  const embedding = ranker.table.read(BigInt64Array.of(twin));
  embedding[0] = 77;
  ranker.table.append(embedding, { ids: BigInt64Array.of(unknown) });
  const history = ranker.history(BigInt64Array.of(unknown, other), {
    categories: BigInt64Array.of(1n, 1n),
  });
  const ids = BigInt64Array.of(unknown, other);
  const one = BigInt64Array.of(1n, 1n);
  const candidates = { items: ids, categories: one, cities: one, provinces: one };
  const user = BigInt64Array.of(1n, 1n, 1n, 1n, 1n, 1n);
  const { kept } = ranker.rankSync({ history, user, candidates, k: 2 });
  expect([...kept.positions]).toEqual([0, -1, -1, -1]);
  expect(kept.scores[0]).toBe(1);
});

it('refuses a second row for an id of the model, and a closed ranker', async () => {
  const random = new Random(seed + 1);
  const [shape] = fc.sample(modelShapes, { numRuns: 1, seed });
  const model = drawModel({ ...shape!, items: 30, similarityDtype: 'int8' }, random);
  const ranker = await open(model);
  const { table } = ranker;
  expect(ranker.table).toBe(table);
  const known = new BigInt64Array((model.tensors[KEYS] as Tensor).bytes.slice().buffer, 0, 1);
  const again = () => table.append(table.read(known), { ids: known });
  expectError(again, 'ERR_KLEIO_DUPLICATE_ID', 'row 0');
  const { rows } = table;
  table.close();
  // Who closes what was lent is lent another.
  expect(ranker.table.rows).toBe(rows);
  const lent = ranker.table;
  ranker.close();
  expectError(() => ranker.table, 'ERR_KLEIO_CLOSED');
  expect(lent.append(lent.read(known), { ids: known, duplicates: 'last' })).toBe(rows);
});
