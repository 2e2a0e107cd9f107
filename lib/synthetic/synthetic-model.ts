/**
 * A ranker of the released model's shape with random weights: its probabilities predict nothing, and
 * take the same work as a trained model's.
 */

import type { RankerWeights, WeightTensor } from '../index.js';
import { USER, USER_ATTRIBUTES } from './fields.js';
import type { Random } from './random.js';

export interface ModelItems {
  readonly ids: BigInt64Array;
  /** [ids, SIMILARITY_DIM] */
  readonly similarity: Int8Array;
  /** Categories are 1 to this. */
  readonly categories: number;
}

/** Of the released configuration. */
const DIM = 16;
const KEEP_TOP = 50;
const SHORT_STEPS = 50;
const TOWER = [256, 128, 64, 2];
const TIERS = 22;

const SIMILARITY_DIM = 128;
const EMBEDDING_SCALE = 0.5;
const DICE_GAMMA = 0.25;

/** Features of few values: ids 1 to this many. */
const VALUES = { '213': 300, '214': 35, [USER]: 1000, '130_1': 10, '130_2': 3 } as const;
const NARROW_VALUES = 8;

/** Ids that the model knows of a feature with few values. */
export const cities = VALUES['213'];
export const provinces = VALUES['214'];

type Tensors = Record<string, WeightTensor>;

export function syntheticModel(random: Random, items: ModelItems): RankerWeights {
  const tensors: Tensors = {};
  addSimilarity(tensors, items);
  addFeature(tensors, random, '150_2_180', tensors['scl_embedding_table.keys']!.values, DIM);
  addFeature(tensors, random, '151_2_180', idsTo(items.categories), DIM);
  for (const [name, values] of Object.entries(VALUES)) {
    addFeature(tensors, random, name, idsTo(values), DIM);
  }
  for (const name of USER_ATTRIBUTES.slice(2)) {
    addFeature(tensors, random, name, idsTo(NARROW_VALUES), DIM / 2);
  }
  const width = 2 * DIM;
  for (const layer of ['realtime_att.query_fcs', 'realtime_att.fact_fcs']) {
    addLinear(tensors, random, `${layer}.0.linears.0`, width, width);
  }
  for (const layer of ['query', 'fact', 'value']) {
    addLinear(tensors, random, `uni_att_v2.${layer}_layers.0.linears.0`, width, width);
  }
  tensors['uni_att_v2.cosine_tau1'] = { shape: [2, 1], values: Float32Array.of(0.3, 0.3) };
  tensors['uni_att_v2.cosine_tau2'] = { shape: [3, 1], values: Float32Array.of(1, 1, 0.5) };
  for (const name of ['rt_simtier', 'uni_v2_simtier']) {
    const values = Float32Array.from({ length: TIERS }, (_, tier) => (tier - TIERS / 2) / TIERS);
    tensors[`all_seq_image_res.${name}.emb`] = { shape: [1, TIERS, 1], values };
  }
  addTower(tensors, random, 4 * width + 4 * DIM + 3 * DIM + 3 * (DIM / 2) + 2 * TIERS);
  const metadata = { embedding_dim: DIM, keep_top: KEEP_TOP, short_steps: SHORT_STEPS };
  return { tensors, metadata };
}

/** The model wants its ids ascending. */
function addSimilarity(tensors: Tensors, { ids, similarity }: ModelItems): void {
  const order = Uint32Array.from(ids.keys()).sort((a, b) => (ids[a]! < ids[b]! ? -1 : 1));
  const values = new Int8Array(similarity.length);
  for (const [rank, row] of order.entries()) {
    const start = row * SIMILARITY_DIM;
    values.set(similarity.subarray(start, start + SIMILARITY_DIM), rank * SIMILARITY_DIM);
  }
  const keys = BigInt64Array.from(order, (row) => ids[row]!);
  tensors['scl_embedding_table.keys'] = { shape: [ids.length], values: keys };
  tensors['scl_embedding_table.values'] = { shape: [ids.length, SIMILARITY_DIM], values };
}

function addFeature(
  tensors: Tensors,
  random: Random,
  name: string,
  ids: WeightTensor['values'],
  width: number,
): void {
  const rows = ids.length + 1;
  const weight = normals(random, rows * width, EMBEDDING_SCALE).fill(0, 0, width);
  tensors[`feature_maps.${name}`] = { shape: [ids.length], values: ids };
  tensors[`embedding_layers.${name}.weight`] = { shape: [rows, width], values: weight };
}

function addTower(tensors: Tensors, random: Random, inputs: number): void {
  for (const [layer, outputs] of TOWER.entries()) {
    addLinear(tensors, random, `fc_tower.linears.${layer}`, TOWER[layer - 1] ?? inputs, outputs);
    const values = new Float32Array(outputs).fill(DICE_GAMMA);
    tensors[`fc_tower.act_layers.${layer}.dice_gamma`] = { shape: [1, outputs], values };
  }
}

function addLinear(
  tensors: Tensors,
  random: Random,
  name: string,
  inputs: number,
  outputs: number,
): void {
  const weight = normals(random, outputs * inputs, 1 / Math.sqrt(inputs));
  tensors[`${name}.weight`] = { shape: [outputs, inputs], values: weight };
  tensors[`${name}.bias`] = { shape: [outputs], values: new Float32Array(outputs) };
}

function idsTo(last: number): BigInt64Array {
  return BigInt64Array.from({ length: last }, (_, index) => BigInt(1 + index));
}

function normals(random: Random, length: number, scale: number): Float32Array {
  return Float32Array.from({ length }, () => scale * random.normal());
}
