/** `simTier` and `semanticTargetAttention`: the release's answers, and the definition for every size. */
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import {
  type LinearWeights,
  type SemanticAttentionInput,
  type SemanticAttentionWeights,
  semanticTargetAttention,
  simTier,
} from 'kleio';
import { describe, expect, it } from 'vitest';
import { goldenAttention } from './cases/attention-golden.js';
import { expectClose } from './cases/closeness.js';
import { testDevice } from './cases/device.js';
import { cases } from './cases/extent.js';
import { ATTENTION_SETS, goldenFile, SIMTIER_SETS } from './cases/muse-golden.js';
import { Random } from './cases/random.js';
import { FEATURE_TOLERANCE } from './cases/ranker-subject.js';
import type { Linear } from './oracle/layers.js';
import { Reader } from './oracle/muse-weights.js';
import {
  type Attended,
  type SemanticAttention,
  semanticAttentionOf,
} from './oracle/semantic-attention.js';
import { leastTiers, simTierOf } from './oracle/simtier.js';

const seed = Number(process.env.KLEIO_SEED);
const seeds = fc.noShrink(fc.integer({ min: 0, max: 2 ** 31 - 1 }));

const flat = (rows: readonly ArrayLike<number>[]) =>
  Float32Array.from(rows.flatMap((row) => Array.from(row)));

const layerOf = ({ weight, bias }: Linear): LinearWeights => ({
  weight: Float32Array.from(weight),
  bias: Float32Array.from(bias),
});

const weightsOf = (layer: SemanticAttention): SemanticAttentionWeights => ({
  query: layer.heads.map(({ query }) => layerOf(query)),
  key: layer.heads.map(({ key }) => layerOf(key)),
  value: layer.heads.map(({ value }) => layerOf(value)),
  temperatures: flat(layer.temperatures),
  gains: flat(layer.gains),
});

/** All samples as one batch in the product's words. */
function batchOf(layer: SemanticAttention, samples: readonly Attended[]): SemanticAttentionInput {
  const channels = samples[0]?.scores?.length ?? 0;
  const channel = (c: number) => flat(samples.map(({ scores }) => scores![c] as number[]));
  const masks = samples.flatMap(({ mask }) => mask ?? []);
  return {
    target: flat(samples.map(({ target }) => target)),
    behaviours: flat(samples.flatMap(({ behaviours }) => behaviours)),
    scores: channels === 0 ? undefined : Array.from({ length: channels }, (_, c) => channel(c)),
    weights: weightsOf(layer),
    heads: layer.heads.length,
    mask: masks.length === 0 ? undefined : Uint8Array.from(masks, Number),
    scale: layer.scale,
    device: testDevice,
  };
}

describe.each(ATTENTION_SETS)('%s', (set) => {
  const { layer, samples, masks, fused, masked, idOnly } = goldenAttention(set);
  const attend = (asked: readonly Attended[]) => semanticTargetAttention(batchOf(layer, asked));

  it('fuses similarity and attention', () => {
    expectClose(attend(samples), flat(fused), FEATURE_TOLERANCE, set);
  });

  it('obeys a mask', () => {
    const asked = samples.map((sample, n) => ({ ...sample, mask: masks[n]! }));
    expectClose(attend(asked), flat(masked), FEATURE_TOLERANCE, set);
  });

  it('does without similarity', () => {
    const asked = samples.map(({ scores: _, ...sample }) => sample);
    expectClose(attend(asked), flat(idOnly), FEATURE_TOLERANCE, set);
  });
});

it.each(SIMTIER_SETS)('%s', (set) => {
  const reader = new Reader(goldenFile(set).tensors);
  const [, k] = reader.tensor('cosine').shape as [number, number];
  const weights = Float32Array.from(reader.numbers('weight'));
  const found = simTier(Float32Array.from(reader.numbers('cosine')), { k, weights, eps: 0.1 });
  expectClose(found, reader.numbers('output'), FEATURE_TOLERANCE, set);
});

interface AttentionShape {
  readonly count: number;
  readonly k: number;
  readonly width: number;
  readonly heads: readonly (readonly [attended: number, value: number])[];
  readonly channels: number;
  readonly masked: boolean;
  readonly scale: number;
}

const widths = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(15, 16, 17, 32, 64, 65));

const attentionShapes: fc.Arbitrary<AttentionShape> = fc.record({
  count: fc.constantFrom(0, 1, 2, 5, 47, 65),
  k: fc.oneof(fc.constantFrom(0, 1, 16, 17, 50), fc.integer({ min: 0, max: 70 })),
  width: widths,
  heads: fc.array(fc.tuple(widths, widths), { minLength: 1, maxLength: 4 }),
  channels: fc.constantFrom(0, 1, 1, 2),
  masked: fc.boolean(),
  scale: fc.constantFrom(1, 0.25),
});

const normals = (length: number, amplitude: number, random: Random) =>
  Float64Array.from({ length }, () => Math.fround(amplitude * random.normal()));

function drawLayer(shape: AttentionShape, random: Random): SemanticAttention {
  const linear = (outputs: number): Linear => ({
    weight: normals(outputs * shape.width, Math.sqrt(1 / shape.width), random),
    bias: normals(outputs, 0.2, random),
  });
  const perHead = (draw: () => number) => shape.heads.map(() => Math.fround(draw()));
  return {
    heads: shape.heads.map(([attended, value]) => ({
      query: linear(attended),
      key: linear(attended),
      value: linear(value),
    })),
    temperatures: [0, 1].map(() => perHead(() => 0.2 + random.uniform())),
    gains: [0, 1, 2].map(() => perHead(() => 0.5 * random.normal())),
    scale: shape.scale,
  };
}

function drawSamples(shape: AttentionShape, random: Random): Attended[] {
  const { count, k, width, channels, masked } = shape;
  return Array.from({ length: count }, () => ({
    target: normals(width, 1, random),
    behaviours: Array.from({ length: k }, () => normals(width, 1, random)),
    ...(channels > 0 && {
      scores: Array.from({ length: channels }, () =>
        Array.from({ length: k }, () => Math.fround(2 * random.uniform() - 1)),
      ),
    }),
    ...(masked && { mask: Array.from({ length: k }, () => random.chance(0.7)) }),
  }));
}

const CASES = cases(60);

it(`attends in ${CASES} layers of any size as by definition`, () => {
  const holds = async (caseSeed: number, shape: AttentionShape) => {
    // A worker that does not turn its loop for a minute is given up by its runner.
    await turn();
    const random = new Random(caseSeed);
    const layer = drawLayer(shape, random);
    const samples = drawSamples(shape, random);
    const found = semanticTargetAttention(batchOf(layer, samples));
    const expected = samples.flatMap((sample) => Array.from(semanticAttentionOf(layer, sample)));
    expectClose(found, expected, FEATURE_TOLERANCE, 'attention');
  };
  return fc.assert(fc.asyncProperty(seeds, attentionShapes, holds), { seed, numRuns: CASES });
});

it('attends to each target as if it were alone', () => {
  const shape: AttentionShape = {
    count: 130,
    k: 50,
    width: 32,
    heads: [[16, 17]],
    channels: 1,
    masked: true,
    scale: 1,
  };
  const random = new Random(seed);
  const layer = drawLayer(shape, random);
  const samples = drawSamples(shape, random);
  const alone = samples.map((sample) => semanticTargetAttention(batchOf(layer, [sample])));
  expect(semanticTargetAttention(batchOf(layer, samples))).toEqual(flat(alone));
});

it('leaves empty places out', () => {
  const shape = { count: 1, k: 4, width: 8, heads: [[8, 8]], channels: 1 } as const;
  const random = new Random(3);
  const layer = drawLayer({ ...shape, masked: false, scale: 1 }, random);
  const [sample] = drawSamples({ ...shape, masked: false, scale: 1 }, random);
  const emptied = { ...sample!, scores: [[0.5, -0.25, Number.NEGATIVE_INFINITY, 0.125]] };
  const without = {
    target: sample!.target,
    behaviours: sample!.behaviours.filter((_, i) => i !== 2),
    scores: [[0.5, -0.25, 0.125]],
  };
  expect(semanticTargetAttention(batchOf(layer, [emptied]))).toEqual(
    semanticTargetAttention(batchOf(layer, [without])),
  );
});

it('counts tiers of any width as by definition', () => {
  const shapes = fc.record({
    count: fc.integer({ min: 0, max: 9 }),
    k: fc.integer({ min: 1, max: 120 }),
    eps: fc.oneof(
      fc.constantFrom(0.1, 0.05, 0.2, 0.25, 0.3, 1, 2),
      fc.double({ min: 0.01, max: 2, noNaN: true }),
    ),
    spare: fc.integer({ min: 0, max: 3 }),
  });
  const holds = (caseSeed: number, { count, k, eps, spare }: { [name: string]: number }) => {
    const random = new Random(caseSeed);
    const weights = Float32Array.from({ length: leastTiers(eps!) + spare! }, () => random.normal());
    const edge = () => Math.fround(random.integer(-10, 10) * eps!);
    const score = () =>
      random.pick([-1, 1, 0, -0, 2 * random.uniform() - 1, edge(), Number.NEGATIVE_INFINITY]);
    const scores = Float32Array.from({ length: count! * k! }, () => {
      const drawn = score();
      return drawn >= -1 && drawn <= 1 ? drawn : Number.NEGATIVE_INFINITY;
    });
    const found = simTier(scores, { k: k!, weights, eps });
    const rows = Array.from({ length: count! }, (_, at) => scores.subarray(at * k!, (at + 1) * k!));
    const expected = rows.flatMap((row) => Array.from(simTierOf(row, weights, eps!)));
    expectClose(found, expected, FEATURE_TOLERANCE, 'tiers');
  };
  fc.assert(fc.property(seeds, shapes, holds), { seed, numRuns: 300 });
});
