/** The released model's parameters as numbers, read from its tensors by the release's own names. */
import type { Tensor, TensorFile } from '../cases/tensor-files.js';
import { dtypeOfElement, elementsIn, numbersOf } from './float-formats.js';
import type { Linear } from './layers.js';
import type { Matrix } from './search.js';
import type { SemanticAttention } from './semantic-attention.js';

/** Raw ids and their embeddings: row 0 is for unknown ids, the id at index r has row r + 1. */
export interface Feature {
  embedding(id: bigint): number[];
  unknown(): number[];
  knows(id: bigint): boolean;
}

export interface MuseWeights {
  readonly embeddingDim: number;
  readonly keepTop: number;
  readonly shortSteps: number;
  readonly tierWidth: number;
  readonly item: Feature;
  readonly category: Feature;
  readonly city: Feature;
  readonly province: Feature;
  readonly user: readonly Feature[];
  readonly shortQuery: Linear;
  readonly shortKey: Linear;
  readonly attention: SemanticAttention;
  readonly shortTierWeights: Float64Array;
  readonly keptTierWeights: Float64Array;
  readonly tower: readonly { readonly layer: Linear; readonly gamma: Float64Array }[];
  readonly similarity: { readonly matrix: Matrix; readonly rows: ReadonlyMap<bigint, number> };
}

export const USER_FEATURES = ['129_1', '130_1', '130_2', '130_3', '130_4', '130_5'] as const;

export function museWeightsOf({ tensors, metadata }: TensorFile): MuseWeights {
  const reader = new Reader(tensors);
  const heads = reader.count((h) => `uni_att_v2.query_layers.${h}.linears.0.weight`);
  const layers = reader.count((l) => `fc_tower.linears.${l}.weight`);
  const headLayer = (kind: string, h: number) =>
    reader.linear(`uni_att_v2.${kind}_layers.${h}.linears.0`);
  return {
    embeddingDim: Number(metadata.embedding_dim),
    keepTop: Number(metadata.keep_top),
    shortSteps: Number(metadata.short_steps),
    tierWidth: Number(metadata.tier_width ?? 0.1),
    item: reader.feature('150_2_180'),
    category: reader.feature('151_2_180'),
    city: reader.feature('213'),
    province: reader.feature('214'),
    user: USER_FEATURES.map((name) => reader.feature(name)),
    shortQuery: reader.linear('realtime_att.query_fcs.0.linears.0'),
    shortKey: reader.linear('realtime_att.fact_fcs.0.linears.0'),
    attention: {
      heads: range(heads, (h) => ({
        query: headLayer('query', h),
        key: headLayer('fact', h),
        value: headLayer('value', h),
      })),
      // The ranker has one channel: the second temperature is for the two-channel form.
      temperatures: reader.rows('uni_att_v2.cosine_tau1'),
      gains: reader.rows('uni_att_v2.cosine_tau2'),
      scale: Number(metadata.attention_scale ?? 1),
    },
    shortTierWeights: reader.numbers('all_seq_image_res.rt_simtier.emb'),
    keptTierWeights: reader.numbers('all_seq_image_res.uni_v2_simtier.emb'),
    tower: range(layers, (l) => ({
      layer: reader.linear(`fc_tower.linears.${l}`),
      gamma: reader.numbers(`fc_tower.act_layers.${l}.dice_gamma`),
    })),
    similarity: {
      matrix: {
        numbers: reader.numbers('scl_embedding_table.values'),
        dim: reader.tensor('scl_embedding_table.values').shape[1] as number,
      },
      rows: new Map(reader.ids('scl_embedding_table.keys').map((id, row) => [id, row])),
    },
  };
}

/** Tensors as numbers. */
export class Reader {
  readonly #tensors: ReadonlyMap<string, Tensor>;

  constructor(tensors: ReadonlyMap<string, Tensor>) {
    this.#tensors = tensors;
  }

  tensor(name: string): Tensor {
    const tensor = this.#tensors.get(name);
    if (tensor === undefined) throw new Error(`no tensor ${name}`);
    return tensor;
  }

  numbers(name: string): Float64Array {
    const { dtype, bytes } = this.tensor(name);
    if (dtype === 'F64') return new Float64Array(bytes.slice().buffer);
    if (dtype === 'I32') return Float64Array.from(new Int32Array(bytes.slice().buffer));
    const stored = dtypeOfElement(dtype);
    return numbersOf(elementsIn(bytes, stored), stored);
  }

  ids(name: string): bigint[] {
    return Array.from(new BigInt64Array(this.tensor(name).bytes.slice().buffer));
  }

  /** Of a matrix. */
  rows(name: string): number[][] {
    const width = this.tensor(name).shape.at(-1) as number;
    const numbers = Array.from(this.numbers(name));
    return range(numbers.length / width, (row) => numbers.slice(row * width, (row + 1) * width));
  }

  linear(name: string): Linear {
    return { weight: this.numbers(`${name}.weight`), bias: this.numbers(`${name}.bias`) };
  }

  feature(name: string): Feature {
    const rows = this.rows(`embedding_layers.${name}.weight`);
    const rowOf = new Map(this.ids(`feature_maps.${name}`).map((id, index) => [id, index + 1]));
    return {
      embedding: (id) => rows[rowOf.get(id) ?? 0] as number[],
      unknown: () => rows[0] as number[],
      knows: (id) => rowOf.has(id),
    };
  }

  /** How many tensors are numbered from 0 on. */
  count(nameOf: (index: number) => string): number {
    let index = 0;
    while (this.#tensors.has(nameOf(index))) index += 1;
    return index;
  }
}

const range = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
