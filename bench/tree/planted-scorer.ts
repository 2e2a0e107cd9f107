/**
 * A MISS scorer of hand-made weights, so that the figures need no training: it scores a node by how well
 * its ID embedding agrees with what the attention found in each list, and with the recent behaviours:
 *
 *     logit = <o_co, e> + <o_mm, e> + <short, e>
 *
 * An MLP has no products, but silu(s) + silu(-s) is s^2 / 2 for small s, and a*b = ((a+b)^2 - (a-b)^2) / 4.
 * All projections are the identity, scaled; inner nodes have the mean ID embedding of their items.
 */

import { ID_WIDTH } from './planted-corpus.js';
import type { TreeShape } from './tree-shape.js';

const KEPT = 50;

const SHORT_STEPS = 20;
/** Of queries and of keys: attention weights grow as exp(ATTENTION^2 / 4 * cosine). */
const ATTENTION = 4;
/** Of the MLP's inputs, small enough for the square. */
const STEP = 0.5;
/** The parts of the input that are multiplied with e, in their order: short, o_co, o_mm. */
const PARTS = 3;

export interface PlantedTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array | BigInt64Array;
}

export interface PlantedWeights {
  readonly tensors: Readonly<Record<string, PlantedTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Items are their row numbers. */
export function plantedScorer(idEmbeddings: Float32Array, tree: TreeShape): PlantedWeights {
  const items = idEmbeddings.length / ID_WIDTH - 1;
  const tensors: Record<string, PlantedTensor> = {
    'item.ids': {
      shape: [items],
      values: BigInt64Array.from({ length: items }, (_, item) => BigInt(item)),
    },
    'item.embeddings': { shape: [items + 1, ID_WIDTH], values: idEmbeddings },
    'node.embeddings': {
      shape: [tree.inner + 1, ID_WIDTH],
      values: tree.nodeMeans(idEmbeddings, ID_WIDTH),
    },
    'co_gsu.query.weight': identity(1),
    'co_gsu.key.weight': identity(1),
  };
  for (const list of ['esu.co', 'esu.mm']) {
    tensors[`${list}.heads.0.query.weight`] = identity(ATTENTION);
    tensors[`${list}.heads.0.key.weight`] = identity(ATTENTION);
    tensors[`${list}.heads.0.value.weight`] = identity(1);
    tensors[`${list}.output.weight`] = identity(1);
  }
  addProducts(tensors);
  return { tensors, metadata: { keep_top: String(KEPT), short_steps: String(SHORT_STEPS) } };
}

function identity(scale: number): PlantedTensor {
  const values = new Float32Array(ID_WIDTH * ID_WIDTH);
  for (let d = 0; d < ID_WIDTH; ++d) values[d * ID_WIDTH + d] = scale;
  return { shape: [ID_WIDTH, ID_WIDTH], values };
}

/** Four units for each product: plus and minus the sum, plus and minus the difference. */
function addProducts(tensors: Record<string, PlantedTensor>): void {
  const inputs = (PARTS + 1) * ID_WIDTH;
  const hidden = 4 * PARTS * ID_WIDTH;
  const first = new Float32Array(hidden * inputs);
  const last = new Float32Array(hidden);
  let unit = 0;
  for (let part = 0; part < PARTS; ++part) {
    for (let d = 0; d < ID_WIDTH; ++d) {
      for (const [sign, other] of [
        [1, 1],
        [-1, 1],
        [1, -1],
        [-1, -1],
      ] as const) {
        first[unit * inputs + part * ID_WIDTH + d] = sign * STEP;
        first[unit * inputs + PARTS * ID_WIDTH + d] = sign * other * STEP;
        last[unit] = other;
        ++unit;
      }
    }
  }
  tensors['mlp.0.weight'] = { shape: [hidden, inputs], values: first };
  tensors['mlp.0.bias'] = { shape: [hidden], values: new Float32Array(hidden) };
  tensors['mlp.1.weight'] = { shape: [1, hidden], values: last };
  tensors['mlp.1.bias'] = { shape: [1], values: new Float32Array(1) };
}
