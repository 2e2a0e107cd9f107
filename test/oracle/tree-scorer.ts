/**
 * The node scorer of MISS in float64, straight from the formulas of docs/tree.md. Nothing here is taken
 * from the product's sources.
 */
import type { Tensor, TensorFile } from '../cases/tensor-files.js';
import { dot, type Linear, linear, mean, silu, softmax } from './layers.js';
import { type Behaviour, type Kept, type Matrix, searchEmbeddings } from './search.js';
import { simTierOf } from './simtier.js';
import type { OracleNode, OracleTree } from './tree.js';

type Rows = readonly Float64Array[];

interface Head {
  readonly query: Linear;
  readonly key: Linear;
  readonly value: Linear;
}

interface List {
  readonly heads: readonly Head[];
  readonly output: Linear;
}

export interface OracleRequest {
  /** Rows of `table`, oldest first; −1: a behaviour without embedding. */
  readonly behaviours: readonly number[];
  readonly table: Matrix;
  /** Id of each row of the table. */
  readonly ids: readonly bigint[];
  readonly user: ArrayLike<number>;
  readonly lists: 'both' | 'collaborative' | 'multimodal' | 'none';
}

interface Place {
  readonly position: number;
  readonly score: number;
}

/** An added weight that the attention gives every behaviour. */
const FLOOR = 1e-7;

export class OracleScorer {
  readonly #tensors: ReadonlyMap<string, Tensor>;
  readonly #metadata: Readonly<Record<string, string>>;
  readonly #items: ReadonlyMap<bigint, number>;
  readonly #itemRows: Rows;
  readonly #nodeRows: Rows;

  constructor({ tensors, metadata }: TensorFile) {
    this.#tensors = tensors;
    this.#metadata = metadata;
    const ids = new BigInt64Array((tensors.get('item.ids') as Tensor).bytes.slice().buffer);
    this.#items = new Map([...ids].map((id, row) => [id, row + 1]));
    this.#itemRows = this.#rows('item.embeddings');
    this.#nodeRows = this.#rows('node.embeddings');
  }

  /** The logit of a node, for one request after the other. */
  logitOf(tree: OracleTree, request: OracleRequest): (node: OracleNode) => number {
    const embeddings = request.behaviours.map((row) =>
      row < 0 ? undefined : this.#item(request.ids[row] as bigint),
    );
    return (node) => this.#score(tree, request, embeddings, node);
  }

  #score(
    tree: OracleTree,
    request: OracleRequest,
    embeddings: readonly (Float64Array | undefined)[],
    node: OracleNode,
  ): number {
    const e = this.embedding(tree, node);
    const collaborative = this.#wants(request, 'collaborative')
      ? this.#collaborative(e, embeddings)
      : [];
    const multimodal = this.#wants(request, 'multimodal') ? this.#multimodal(node, request) : [];
    const parts: number[] = [...Array.from(request.user), ...this.#recent(embeddings)];
    if (this.#is('lists', 'union')) {
      const first = new Set(collaborative.map(({ position }) => position));
      const union = [
        ...collaborative,
        ...multimodal.filter(({ position }) => !first.has(position)),
      ];
      parts.push(...this.#attend('esu.union', e, union, embeddings));
    } else {
      parts.push(...this.#attend('esu.co', e, collaborative, embeddings));
      parts.push(...this.#attend('esu.mm', e, multimodal, embeddings));
    }
    if (this.#is('esu', 'semantic')) {
      const scores = multimodal.map(({ score }) => score);
      const weights = this.#numbers('esu.mm.tier_weights');
      parts.push(...simTierOf(scores, weights, Number(this.#metadata.tier_width ?? 0.1)));
    }
    return this.#mlp([...parts, ...e]);
  }

  embedding({ ids }: OracleTree, { children, item, feature }: OracleNode): Float64Array {
    if (children === undefined) return this.#item(ids[item] as bigint);
    return this.#nodeRows[feature + 1] as Float64Array;
  }

  #item(id: bigint): Float64Array {
    return this.#itemRows[this.#items.get(id) ?? 0] as Float64Array;
  }

  #wants({ lists }: OracleRequest, list: OracleRequest['lists']): boolean {
    return lists === 'both' || lists === list;
  }

  #is(name: string, value: string): boolean {
    return this.#metadata[name] === value;
  }

  get #keepTop(): number {
    return Number(this.#metadata.keep_top);
  }

  /** The K of largest inner product of query and key; behaviours whose key is zero are never kept. */
  #collaborative(e: Float64Array, embeddings: readonly (Float64Array | undefined)[]): Place[] {
    const query = this.#queryOf(e);
    if (query.every((value) => value === 0)) return [];
    const scored = embeddings.flatMap((x, position) => {
      const key = x === undefined ? undefined : this.#keyOf(x);
      if (key === undefined || key.every((value) => value === 0)) return [];
      return [{ position, score: Math.fround(dot(query, key)) }];
    });
    return scored
      .sort((a, b) => b.score - a.score || b.position - a.position)
      .slice(0, this.#keepTop);
  }

  #queryOf(e: Float64Array): ArrayLike<number> & { every(test: (v: number) => boolean): boolean } {
    if (this.#is('co_gsu', 'inner')) return e;
    if (this.#is('co_gsu', 'twin')) {
      return this.#list(this.#is('lists', 'union') ? 'esu.union' : 'esu.co').heads.flatMap(
        ({ query }) => {
          const scale = 1 / Math.sqrt(query.bias.length);
          return Array.from(linear(query, e), (value) => value * scale);
        },
      );
    }
    return linear(this.#projection('co_gsu.query'), e);
  }

  #keyOf(x: Float64Array): ArrayLike<number> & { every(test: (v: number) => boolean): boolean } {
    if (this.#is('co_gsu', 'inner')) return x;
    if (this.#is('co_gsu', 'twin')) {
      return this.#list(this.#is('lists', 'union') ? 'esu.union' : 'esu.co').heads.flatMap(
        ({ key }) => Array.from(linear(key, x)),
      );
    }
    return linear(this.#projection('co_gsu.key'), x);
  }

  /** The K of largest cosine with the codes of the node's mean. */
  #multimodal({ codes }: OracleNode, { table, behaviours }: OracleRequest): Place[] {
    const rows = behaviours.map((row): Behaviour => ({ row }));
    const target = { numbers: codes, start: 0 };
    const kept: Kept = searchEmbeddings(table, rows, [target], { k: this.#keepTop });
    return Array.from(kept.positions, (position, at) => ({
      position,
      score: kept.scores[at] as number,
    })).filter(({ position }) => position >= 0);
  }

  /** Mean embedding of the newest behaviours that have one. */
  #recent(embeddings: readonly (Float64Array | undefined)[]): number[] {
    const steps = Number(this.#metadata.short_steps ?? 0);
    if (steps === 0) return [];
    const newest = embeddings.filter((x) => x !== undefined).slice(-steps);
    return [...mean(newest, this.#itemRows[0]!.length)];
  }

  #attend(
    name: string,
    e: Float64Array,
    kept: readonly Place[],
    embeddings: readonly (Float64Array | undefined)[],
  ): Float64Array {
    const { heads, output } = this.#list(name);
    const semantic = name === 'esu.mm' && this.#is('esu', 'semantic');
    const attended = heads.flatMap(({ query, key, value }, h) => {
      const q = linear(query, e);
      const logits = kept.map(({ position, score }) => {
        const alpha = dot(q, linear(key, embeddings[position]!)) / Math.sqrt(q.length);
        if (!semantic) return alpha;
        const gains = this.#numbers('esu.mm.gains');
        const rho = score / this.#numbers('esu.mm.temperatures')[h]!;
        const [ofAlpha, ofRho, ofProduct] = [0, 1, 2].map((g) => gains[g * heads.length + h]!);
        return ofAlpha! * alpha + ofRho! * rho + ofProduct! * alpha * rho;
      });
      const sum = new Float64Array(value.bias.length);
      softmax(logits).forEach((weight, at) => {
        const v = linear(value, embeddings[kept[at]!.position]!);
        for (let d = 0; d < sum.length; d += 1) sum[d]! += (weight + FLOOR) * v[d]!;
      });
      return [...sum];
    });
    return linear(output, attended);
  }

  #mlp(input: readonly number[]): number {
    let x: ArrayLike<number> = input;
    for (let l = 0; this.#tensors.has(`mlp.${l}.weight`); l += 1) {
      const bias = this.#numbers(`mlp.${l}.bias`);
      const out = linear({ weight: this.#numbers(`mlp.${l}.weight`), bias }, x);
      x = this.#tensors.has(`mlp.${l + 1}.weight`) ? out.map(silu) : out;
    }
    return x[0] as number;
  }

  #list(name: string): List {
    const heads: Head[] = [];
    const part = (h: number, of: string) => this.#projection(`${name}.heads.${h}.${of}`);
    while (this.#tensors.has(`${name}.heads.${heads.length}.query.weight`)) {
      const h = heads.length;
      heads.push({ query: part(h, 'query'), key: part(h, 'key'), value: part(h, 'value') });
    }
    return { heads, output: this.#projection(`${name}.output`) };
  }

  /** A layer without bias. */
  #projection(name: string): Linear {
    const [outputs = 0] = (this.#tensors.get(`${name}.weight`) as Tensor).shape;
    return { weight: this.#numbers(`${name}.weight`), bias: new Float64Array(outputs) };
  }

  #numbers(name: string): Float64Array {
    const { bytes } = this.#tensors.get(name) as Tensor;
    return new Float64Array(new Float32Array(bytes.slice().buffer));
  }

  #rows(name: string): Rows {
    const [count = 0, width = 0] = (this.#tensors.get(name) as Tensor).shape;
    const numbers = this.#numbers(name);
    return Array.from({ length: count }, (_, row) => numbers.slice(row * width, (row + 1) * width));
  }
}
