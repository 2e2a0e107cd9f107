/** Random models of every size, asked everything, against the float64 oracle: for each instruction set. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { Ranker } from 'kleio';
import { it } from 'vitest';
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

it(`ranks with ${CASES} random models as by definition`, () => {
  const seeds = fc.noShrink(fc.integer({ min: 0, max: 2 ** 31 - 1 }));
  const property = fc.asyncProperty(
    seeds,
    modelShapes,
    requestShapes,
    async (caseSeed, modelShape, requestShape) => {
      const random = new Random(caseSeed);
      await caseAgrees(drawModel(modelShape, random), requestShape, random);
    },
  );
  return fc.assert(property, { seed, numRuns: CASES });
});
