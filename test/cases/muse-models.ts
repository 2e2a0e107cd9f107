/** Draws a whole ranker, tensor by tensor, under the release's names and of any size. */
import fc from 'fast-check';
import { DTYPES, type Dtype, ELEMENT_TYPES, elementsOf } from '../oracle/float-formats.js';
import { USER_FEATURES } from '../oracle/muse-weights.js';
import { leastTiers } from '../oracle/simtier.js';
import { type Random, rowsOf } from './random.js';
import { bytesOf, type Tensor } from './tensor-files.js';

export interface ModelShape {
  readonly embeddingDim: number;
  readonly keepTop: number;
  readonly shortSteps: number;
  /** Per head, the width of its queries and keys, and of its values. */
  readonly heads: readonly (readonly [attended: number, value: number])[];
  readonly userWidths: readonly number[];
  /** Widths of the tower before its last layer, which has two outputs. */
  readonly hidden: readonly number[];
  readonly tierWidth: number;
  /** Tiers beyond those that similarities can fall into, of the short and of the kept behaviours. */
  readonly spareTiers: readonly [number, number];
  readonly attentionScale: number;
  readonly similarityDim: number;
  readonly similarityDtype: Dtype;
  readonly items: number;
  readonly categories: number;
}

export interface DrawnModel {
  readonly shape: ModelShape;
  readonly tensors: Record<string, Tensor>;
  readonly metadata: Record<string, string>;
  /** Known ids of each feature, ascending. */
  readonly ids: Readonly<Record<string, readonly bigint[]>>;
}

const widths = fc.oneof(
  fc.integer({ min: 1, max: 20 }),
  fc.constantFrom(8, 15, 16, 17, 24, 31, 32, 33),
);

// Dice divides by the deviation of a layer's outputs: of a few, it is sometimes next to nothing.
const hiddenWidths = fc.oneof(fc.integer({ min: 6, max: 70 }), fc.constantFrom(16, 48, 64, 96));

export const modelShapes: fc.Arbitrary<ModelShape> = fc.record({
  embeddingDim: widths,
  keepTop: fc.oneof(fc.constantFrom(1, 2, 16, 20, 50), fc.integer({ min: 1, max: 70 })),
  shortSteps: fc.oneof(fc.constantFrom(0, 1, 16, 50), fc.integer({ min: 1, max: 60 })),
  heads: fc.array(fc.tuple(widths, widths), { minLength: 1, maxLength: 3 }),
  userWidths: fc.array(widths, { minLength: 6, maxLength: 6 }),
  hidden: fc.array(hiddenWidths, { minLength: 0, maxLength: 4 }),
  tierWidth: fc.constantFrom(0.1, 0.1, 0.2, 0.25, 0.5, 0.05, 0.3, 0.7),
  spareTiers: fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 3 })),
  attentionScale: fc.constantFrom(1, 1, 0.25),
  similarityDim: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(64, 127, 128, 129)),
  similarityDtype: fc.constantFrom('int8', ...DTYPES),
  items: fc.integer({ min: 1, max: 300 }),
  categories: fc.integer({ min: 1, max: 12 }),
});

const MAX_ID = 2n ** 63n - 1n;

export function drawModel(shape: ModelShape, random: Random): DrawnModel {
  const wide = 2 * shape.embeddingDim;
  const tensors: Record<string, Tensor> = {};
  const ids: Record<string, bigint[]> = {};
  const place = (name: string, tensorShape: number[], draw: () => number) => {
    const count = tensorShape.reduce((product, extent) => product * extent, 1);
    const bytes = bytesOf(Float32Array.from({ length: count }, draw));
    tensors[name] = { dtype: 'F32', shape: tensorShape, bytes };
  };
  const linear = (name: string, outputs: number, inputs: number) => {
    const amplitude = Math.sqrt(1 / inputs);
    place(`${name}.weight`, [outputs, inputs], () => amplitude * random.normal());
    place(`${name}.bias`, [outputs], () => 0.2 * random.normal());
  };
  const feature = (name: string, count: number, width: number) => {
    const known = drawIds(count, random);
    ids[name] = known;
    tensors[`feature_maps.${name}`] = idTensor(known);
    const element = rowsOf(width, random);
    place(`embedding_layers.${name}.weight`, [count + 1, width], () => 0.7 * element());
  };

  feature('150_2_180', shape.items, shape.embeddingDim);
  feature('151_2_180', shape.categories, shape.embeddingDim);
  feature('213', 5, shape.embeddingDim);
  feature('214', 3, shape.embeddingDim);
  USER_FEATURES.forEach((name, i) => {
    feature(name, random.integer(1, 6), shape.userWidths[i] as number);
  });

  linear('realtime_att.query_fcs.0.linears.0', wide, wide);
  linear('realtime_att.fact_fcs.0.linears.0', wide, wide);
  shape.heads.forEach(([attended, value], h) => {
    linear(`uni_att_v2.query_layers.${h}.linears.0`, attended, wide);
    linear(`uni_att_v2.fact_layers.${h}.linears.0`, attended, wide);
    linear(`uni_att_v2.value_layers.${h}.linears.0`, value, wide);
  });
  const heads = shape.heads.length;
  place('uni_att_v2.cosine_tau1', [2, heads], () => 0.2 + random.uniform());
  place('uni_att_v2.cosine_tau2', [3, heads], () => 0.5 * random.normal());

  const tiers = shape.spareTiers.map((spare) => leastTiers(shape.tierWidth) + spare);
  place('all_seq_image_res.rt_simtier.emb', [1, tiers[0]!, 1], () => 0.3 * random.normal());
  place('all_seq_image_res.uni_v2_simtier.emb', [1, tiers[1]!, 1], () => 0.3 * random.normal());

  let inputs = towerWidth(shape);
  [...shape.hidden, 2].forEach((outputs, l) => {
    linear(`fc_tower.linears.${l}`, outputs, inputs);
    place(`fc_tower.act_layers.${l}.dice_gamma`, [1, outputs], () => 0.5 * random.normal());
    inputs = outputs;
  });
  placeSimilarities(shape, ids['150_2_180']!, tensors, random);
  return { shape, tensors, metadata: metadataOf(shape), ids };
}

export function towerWidth(shape: ModelShape): number {
  const attended = shape.heads.reduce((sum, [, value]) => sum + value, 0);
  const user = shape.userWidths.reduce((sum, width) => sum + width, 0);
  const tiers = 2 * leastTiers(shape.tierWidth) + shape.spareTiers[0] + shape.spareTiers[1];
  return 10 * shape.embeddingDim + attended + user + tiers;
}

/** Most items have a row, and so do some ids that are no items; repeats make ties, zeros no direction. */
function placeSimilarities(
  shape: ModelShape,
  items: readonly bigint[],
  tensors: Record<string, Tensor>,
  random: Random,
): void {
  const described = items.filter(() => random.chance(0.85));
  const keys = [...new Set([...described, ...drawIds(3, random)])].sort(ascending);
  const { similarityDim: dim, similarityDtype: dtype } = shape;
  const amplitude = dtype === 'int8' ? 11 : 0.1;
  const topic = Array.from({ length: dim }, () => amplitude * random.normal());
  const rows: number[][] = [];
  for (const _ of keys) {
    const fresh = topic.map((value) => value * random.pick([0, 1]) + amplitude * random.normal());
    const repeated = rows.length > 0 && random.chance(0.1) ? random.pick(rows) : fresh;
    rows.push(random.chance(0.03) ? fresh.map(() => 0) : repeated);
  }
  tensors['scl_embedding_table.keys'] = idTensor(keys);
  tensors['scl_embedding_table.values'] = {
    dtype: ELEMENT_TYPES[dtype].element,
    shape: [keys.length, dim],
    bytes: bytesOf(elementsOf(Float64Array.from(rows.flat()), dtype)),
  };
}

function metadataOf(shape: ModelShape): Record<string, string> {
  return {
    embedding_dim: String(shape.embeddingDim),
    keep_top: String(shape.keepTop),
    short_steps: String(shape.shortSteps),
    // The defaults are left out as the release leaves them out.
    ...(shape.tierWidth !== 0.1 && { tier_width: String(shape.tierWidth) }),
    ...(shape.attentionScale !== 1 && { attention_scale: String(shape.attentionScale) }),
  };
}

/** Ascending, of any sign and size, none of them 0, which is padding. */
function drawIds(count: number, random: Random): bigint[] {
  const start = random.pick([-50n, 1n, 7000n, -(2n ** 63n), MAX_ID - 97n * BigInt(count)]);
  const stride = BigInt(random.integer(1, 97));
  return Array.from({ length: count }, (_, i) => {
    const id = start + stride * BigInt(i);
    return id < 0n ? id : id + 1n;
  });
}

const ascending = (a: bigint, b: bigint) => (a < b ? -1 : Number(a > b));

const idTensor = (ids: readonly bigint[]): Tensor => ({
  dtype: 'I64',
  shape: [ids.length],
  bytes: bytesOf(BigInt64Array.from(ids)),
});
