/** The ranker on a device: the CPU's kept behaviours in every bit, and the same bits however it gets there. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ranker } from 'kleio';
import { expect, it } from 'vitest';
import { expectSameBits } from '../cases/bitwise.js';
import { expectClose } from '../cases/closeness.js';
import { usage } from '../cases/counted.js';
import { isSoftwareDevice, SOFTWARE_DEVICE, testDevice } from '../cases/device.js';
import { exhaustive } from '../cases/extent.js';
import { goldenRequests, MUSE_SETS, weightsPath } from '../cases/muse-golden.js';
import { drawModel, type ModelShape } from '../cases/muse-models.js';
import { drawRequest } from '../cases/muse-requests.js';
import { newFolder } from '../cases/new-files.js';
import { runProgram } from '../cases/programs.js';
import { Random } from '../cases/random.js';
import { expectRanking, rankRequestOf } from '../cases/ranker-subject.js';
import { type Way, writeRequests } from '../cases/request-files.js';
import { safetensorsOf } from '../cases/tensor-files.js';
import { describeWhere } from '../cases/waiting.js';
import { Muse } from '../oracle/muse.js';
import { museWeightsOf } from '../oracle/muse-weights.js';

const seed = Number(process.env.KLEIO_SEED);
const ACROSS_DEVICES = 1e-6;
const WAYS = [
  {},
  { emptyPlaces: 'mask' },
  { lifelong: 'category' },
  { lifelong: 'learned-cosine' },
  { lifelong: 'none' },
  { k: 7 },
] as const;

const folder = newFolder('device-ranker');

it.each(MUSE_SETS)('%s: keeps what the CPU keeps, and is as likely to within 1e-6', async (set) => {
  const golden = goldenRequests(set).slice(0, 6);
  const candidates = goldenRequests(set).map(({ candidate }) => candidate);
  using here = await Ranker.open(weightsPath(set), { device: testDevice });
  using there = await Ranker.open(weightsPath(set));
  for (const request of golden) {
    for (const way of WAYS) {
      const [found, expected] = [here, there].map((ranker) =>
        ranker.rankSync({ ...rankRequestOf(ranker, request, candidates), ...way }),
      );
      const what = JSON.stringify(way);
      expectSameBits(found!.kept, expected!.kept, what);
      expectClose(found!.probabilities, expected!.probabilities, ACROSS_DEVICES, what);
    }
  }
});

const requestsFile = (set: string, ways: readonly Way[] = WAYS) => writeRequests(folder, set, ways);
/** What is ranked again and again. */
const FEW_WAYS = exhaustive ? WAYS : WAYS.slice(0, 2);

interface Ranked {
  readonly alone: readonly (readonly string[])[];
  readonly together: readonly (readonly string[])[];
  readonly tableBytes: number;
}

it.each(MUSE_SETS)('%s: one user at a time or many, tables of projections or none', async (set) => {
  const run = (device: string) =>
    runProgram<Ranked>('rank-on-device.mjs', {
      env: { RANK_REQUESTS: requestsFile(set), KLEIO_SOFTWARE_DEVICE: device },
    });
  const roomy = await run('memory_mib=64');
  expect(roomy.together).toEqual(roomy.alone);
  if (!isSoftwareDevice()) return;
  const tight = await run('memory_mib=4');
  expect(tight.tableBytes, 'a small device has no table of projections').toBeLessThan(
    roomy.tableBytes,
  );
  expect(tight.alone).toEqual(roomy.alone);
  expect(tight.together).toEqual(roomy.alone);
});

interface Survived {
  readonly codes: readonly string[];
  readonly unusable: number;
  readonly digests: readonly (string | null)[];
  readonly lost: boolean;
}

const runWith = (faults: string) =>
  runProgram<Survived>('rank-through-faults.mjs', {
    env: { RANK_REQUESTS: requestsFile('muse_b', FEW_WAYS), KLEIO_SOFTWARE_DEVICE: faults },
  });

let faultless: Promise<Survived> | undefined;
const runWithout = () => {
  faultless ??= runWith('');
  return faultless;
};

describeWhere(isSoftwareDevice(), SOFTWARE_DEVICE)('faults', () => {
  it('finds no memory at any allocation, and ranks the same when asked again', async () => {
    const expected = await runWithout();
    expect(expected).toMatchObject({ codes: [], unusable: 0, lost: false });
    let failures = 0;
    // Every second one, in the modest extent every sixth, from one that the seed chooses.
    const step = exhaustive ? 2 : 6;
    for (let n = 1 + (seed % step); n <= 30; n += step) {
      const { codes, unusable, digests, lost } = await runWith(`fail_allocation=${n}`);
      const what = `allocation ${n}`;
      expect(
        codes.every((code) => code === 'ERR_KLEIO_OUT_OF_MEMORY'),
        what,
      ).toBe(true);
      expect([unusable, lost], what).toEqual([0, false]);
      expect(digests, what).toEqual(expected.digests);
      failures += codes.length;
    }
    expect(failures).toBeGreaterThan(exhaustive ? 5 : 1);
  });

  it('ranks the same after any copy or launch was refused', async () => {
    const expected = await runWithout();
    // Opening takes some fifty of them; the rest are of rankings.
    const step = exhaustive ? 5 : 17;
    for (let n = 1 + (seed % step); n <= 120; n += step) {
      const { codes, unusable, digests, lost } = await runWith(`refuse=${n}`);
      expect({ n, codes, unusable, lost }).toEqual({
        n,
        codes: ['ERR_KLEIO_DEVICE'],
        unusable: 0,
        lost: false,
      });
      expect(digests, `operation ${n}`).toEqual(expected.digests);
    }
  });

  it.each([1, 5, 11, 12, 13, 20])('says that the device is lost after launch %i', async (n) => {
    const { codes, unusable, digests, lost } = await runWith(`fail_launch=${n}`);
    expect(new Set(codes)).toEqual(new Set(['ERR_KLEIO_DEVICE_LOST']));
    expect([unusable > 0, lost]).toEqual([true, true]);
    const expected = await runWithout();
    digests.forEach((found, at) => {
      if (found !== null && found !== undefined) expect(found).toBe(expected.digests[at]);
    });
  });
});

it('ranks on the CPU what shared memory does not hold, and counts it', async () => {
  const shape: ModelShape = {
    embeddingDim: 8,
    keepTop: 12,
    shortSteps: 10,
    heads: [[8, 8]],
    userWidths: [3, 3, 3, 3, 3, 3],
    hidden: [9000],
    tierWidth: 0.1,
    spareTiers: [1, 1],
    attentionScale: 1,
    similarityDim: 16,
    similarityDtype: 'int8',
    items: 60,
    categories: 5,
  };
  const random = new Random(11);
  const model = drawModel(shape, random);
  const asked = { length: 80, candidates: 3, k: undefined, unit: 'cosine', emptyPlaces: 'release' };
  const request = drawRequest(model, asked as Parameters<typeof drawRequest>[1], random);
  const path = join(folder, 'wide.safetensors');
  writeFileSync(path, safetensorsOf(model.tensors, model.metadata));
  const oracle = new Muse(
    museWeightsOf({ tensors: new Map(Object.entries(model.tensors)), metadata: model.metadata }),
  );
  using ranker = await Ranker.open(path, { device: testDevice });
  const before = usage().cpuSearches;
  const ranking = ranker.rankSync(rankRequestOf(ranker, request, request.candidates));
  expect(usage().cpuSearches).toBe(before + 1);
  const expected = request.candidates.map((candidate) => oracle.rank(request, candidate));
  expectRanking(ranking, expected, 'wide');
});
