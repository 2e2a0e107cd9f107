/** Random models of every size, asked everything, against the float64 oracle: for each instruction set. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { Ranker } from 'kleio';
import { expect, it } from 'vitest';
import { expectCloseOfAnySize } from './cases/closeness.js';
import { testDevice } from './cases/device.js';
import { cases } from './cases/extent.js';
import { type DrawnModel, drawModel, modelShapes } from './cases/muse-models.js';
import { drawRequest, type RequestShape, requestShapes } from './cases/muse-requests.js';
import { newFolder } from './cases/new-files.js';
import { Random } from './cases/random.js';
import {
  expectRanking,
  FEATURE_TOLERANCE,
  rankRequestOf,
  towerInputsOf,
} from './cases/ranker-subject.js';
import { safetensorsOf } from './cases/tensor-files.js';
import { Muse } from './oracle/muse.js';
import { museWeightsOf } from './oracle/muse-weights.js';

const seed = Number(process.env.KLEIO_SEED);
const CASES = cases(150);

const ELIGIBLE_CASES = cases(60);

const folder = newFolder('ranker');

/** Opened as a file or from memory: both doors lead to the same model. */
async function open(model: DrawnModel): Promise<Ranker> {
  const path = join(folder, 'model.safetensors');
  writeFileSync(path, safetensorsOf(model.tensors, model.metadata));
  const ranker = await Ranker.open(path, { device: testDevice });
  // What was opened outlives its name.
  rmSync(path);
  return ranker;
}

async function caseAgrees(model: DrawnModel, shape: RequestShape, random: Random): Promise<void> {
  const tensors = new Map(Object.entries(model.tensors));
  const oracle = new Muse(museWeightsOf({ tensors, metadata: model.metadata }));
  const request = drawRequest(model, shape, random);
  const expected = request.candidates.map((candidate) => oracle.rank(request, candidate));

  using ranker = await open(model);
  const asked = rankRequestOf(ranker, request, request.candidates);
  towerInputsOf(ranker, asked).forEach((towerInput, at) => {
    const what = `tower input of candidate ${at}`;
    expectCloseOfAnySize(towerInput, expected[at]!.towerInput, FEATURE_TOLERANCE, what);
  });
  expectRanking(ranker.rankSync({ ...asked, interests: true, threads: 1 }), expected, 'rankSync');
  expectRanking(await ranker.rank(asked), expected, 'rank');
  asked.history.close();
}

/** Behaviours that were removed, or that the request leaves out, might as well never have been. */
async function leavesOut(model: DrawnModel, shape: RequestShape, random: Random): Promise<void> {
  const request = drawRequest(model, shape, random);
  using ranker = await open(model);
  const { candidates, user, ...options } = rankRequestOf(ranker, request, request.candidates);
  options.history.close();
  const behaviours = request.items.map((item, at) => ({
    item,
    category: request.categories[at]!,
    time: random.integer(0, 20),
    at,
  }));
  const historyOf = (present: typeof behaviours) =>
    ranker.history(
      BigInt64Array.from(present, ({ item }) => item),
      {
        categories: BigInt64Array.from(present, ({ category }) => category),
        times: Float64Array.from(present, ({ time }) => time),
      },
    );

  const [since, until] = [random.integer(0, 8), random.integer(6, 20)];
  const excluded = behaviours.filter(() => random.chance(0.1)).map(({ item }) => item);
  const removed = new Set(behaviours.filter(() => random.chance(0.2)).map(({ at }) => at));
  using history = historyOf(behaviours);
  history.remove({ sequences: Float64Array.from(removed) });
  const eligible = behaviours.filter(
    ({ item, time, at }) =>
      time >= since && time <= until && !excluded.includes(item) && !removed.has(at),
  );
  using only = historyOf(eligible);

  const asked = { ...options, user, candidates, fields: ['sequences', 'ids', 'times'] as const };
  const filter = { since, until, exclude: BigInt64Array.from(excluded) };
  const whole = await ranker.rank({ ...asked, ...filter, history });
  const expected = ranker.rankSync({ ...asked, history: only });
  expect(whole.probabilities).toEqual(expected.probabilities);
  expect(whole.kept.scores).toEqual(expected.kept.scores);
  expect(whole.kept.ids).toEqual(expected.kept.ids);
  expect(whole.kept.times).toEqual(expected.kept.times);
  expect(whole.kept.sequences).toEqual(
    expected.kept.sequences.map((at) => (at < 0 ? -1 : eligible[at]!.at)),
  );
  const [many] = await ranker.rankMany([{ ...asked, ...filter, history }]);
  expect(many).toEqual(whole);
}

/** Holds for models, requests and streams of any kind. */
function check(
  numRuns: number,
  holds: (model: DrawnModel, shape: RequestShape, random: Random) => Promise<void>,
) {
  const seeds = fc.noShrink(fc.integer({ min: 0, max: 2 ** 31 - 1 }));
  const property = fc.asyncProperty(
    seeds,
    modelShapes,
    requestShapes,
    async (caseSeed, modelShape, requestShape) => {
      const random = new Random(caseSeed);
      await holds(drawModel(modelShape, random), requestShape, random);
    },
  );
  return fc.assert(property, { seed, numRuns });
}

it(`ranks with ${CASES} random models as by definition`, () => check(CASES, caseAgrees));

it(`ranks as if what ${ELIGIBLE_CASES} requests leave out had never been`, () =>
  check(ELIGIBLE_CASES, leavesOut));
