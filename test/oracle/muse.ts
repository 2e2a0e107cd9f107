/**
 * The released MUSE ranker in float64, one candidate at a time, from its formulas and the names of its
 * tensors. Nothing here is taken from the product's sources.
 */
import { attend, dice, dot, FLOOR, type Linear, linear, mean, softmax } from './layers.js';
import type { MuseWeights } from './muse-weights.js';
import { cosineScore, innerProduct, squaredNorm, type Vector } from './score.js';
import {
  type Behaviour,
  type Matrix,
  searchCategories,
  searchEmbeddings,
  vectorAt,
} from './search.js';
import { semanticAttentionOf } from './semantic-attention.js';
import { simTierOf } from './simtier.js';

export interface Candidate {
  readonly item: bigint;
  readonly category: bigint;
  readonly city: bigint;
  readonly province: bigint;
}

export interface MuseRequest {
  readonly items: readonly bigint[];
  readonly categories: readonly bigint[];
  readonly user: readonly bigint[];
  readonly k?: number;
  readonly unit?: 'cosine' | 'category' | 'learned-cosine' | 'none';
  readonly emptyPlaces?: 'release' | 'mask';
}

export interface MuseAnswer {
  /** [K], −1 where empty. */
  readonly positions: readonly number[];
  /** [K]; −Infinity where empty. */
  readonly scores: readonly number[];
  readonly towerInput: Float64Array;
  /** SimTier of the kept, then their attention. */
  readonly interests: Float64Array;
  readonly probability: number;
  /**
   * Least and largest probability where the last layer's two sums are off by float32's rounding. Dice over
   * two sums is a step where they agree: beside it, any float32 evaluation may give anything between.
   */
  readonly probabilityRange: readonly [least: number, largest: number];
}

interface DiceLayer {
  readonly layer: Linear;
  readonly gamma: Float64Array;
}

/** What float32 loses in a sum over some hundred products, relative to sums of about 1. */
const LAST_LAYER_ROUNDING = 2e-6;

/** A behaviour as the layers see it: its features and its similarity to the target. */
interface Seen {
  readonly embedding: readonly number[];
  readonly similarity: number;
}

export class Muse {
  readonly #weights: MuseWeights;

  constructor(weights: MuseWeights) {
    this.#weights = weights;
  }

  rank(request: MuseRequest, candidate: Candidate): MuseAnswer {
    const { attention, shortTierWeights, keptTierWeights, tierWidth, embeddingDim } = this.#weights;
    const kept = this.#keep(request, candidate);
    const target = this.#embedding(candidate.item, candidate.category);
    const seen = this.#seenKept(request, kept);
    const short = this.#seenShort(request, candidate);

    const attended = semanticAttentionOf(attention, {
      target,
      behaviours: seen.map(({ embedding }) => embedding),
      scores: [seen.map(({ similarity }) => similarity)],
    });
    const tiers = simTierOf(similarities(seen), keptTierWeights, tierWidth);
    const towerInput = Float64Array.from([
      ...this.#shortAttention(target, short),
      ...attended,
      ...mean(embeddings(seen), 2 * embeddingDim),
      ...mean(embeddings(short), 2 * embeddingDim),
      ...target,
      ...this.#weights.city.embedding(candidate.city),
      ...this.#weights.province.embedding(candidate.province),
      ...this.#weights.user.flatMap((feature, i) => feature.embedding(request.user[i] as bigint)),
      ...simTierOf(similarities(short), shortTierWeights, tierWidth),
      ...tiers,
    ]);
    const interests = Float64Array.from([...tiers, ...attended]);
    return { ...kept, towerInput, interests, ...this.#tower(towerInput) };
  }

  #embedding(item: bigint, category: bigint): number[] {
    const { item: items, category: categories } = this.#weights;
    return [...items.embedding(item), ...categories.embedding(category)];
  }

  /** Cosine of two items' rows; 0 where either has no row or no direction. */
  #similarity(a: bigint, b: bigint): number {
    const { matrix, rows } = this.#weights.similarity;
    const [rowA, rowB] = [rows.get(a), rows.get(b)];
    if (rowA === undefined || rowB === undefined) return 0;
    const [x, y] = [vectorAt(matrix, rowA), vectorAt(matrix, rowB)];
    const [normX, normY] = [squaredNorm(x, matrix.dim), squaredNorm(y, matrix.dim)];
    if (normX === 0 || normY === 0) return 0;
    return cosineScore(innerProduct(x, y, matrix.dim), normX, normY);
  }

  #keep(request: MuseRequest, candidate: Candidate): Pick<MuseAnswer, 'positions' | 'scores'> {
    const { similarity, keepTop } = this.#weights;
    const k = request.k ?? keepTop;
    const behaviours: Behaviour[] = request.items.map((item, position) => ({
      row: similarity.rows.get(item) ?? -1,
      category: request.categories[position] as bigint,
    }));
    switch (request.unit ?? 'cosine') {
      case 'cosine': {
        const row = similarity.rows.get(candidate.item);
        const target = row === undefined ? undefined : vectorAt(similarity.matrix, row);
        const kept = searchEmbeddings(similarity.matrix, behaviours, [target], { k });
        return { positions: Array.from(kept.positions), scores: Array.from(kept.scores) };
      }
      case 'category': {
        const found = searchCategories(behaviours, [candidate.category], { k });
        return this.#withSimilarities(request, candidate, found.positions);
      }
      case 'learned-cosine': {
        const { matrix, rows, target } = this.#learned(request, candidate);
        const found = searchEmbeddings(matrix, rows, [target], { k });
        return this.#withSimilarities(request, candidate, found.positions);
      }
      case 'none':
        return {
          positions: new Array<number>(k).fill(-1),
          scores: new Array<number>(k).fill(Number.NEGATIVE_INFINITY),
        };
    }
  }

  /** Chosen by something else, scored by similarity. */
  #withSimilarities(
    request: MuseRequest,
    candidate: Candidate,
    chosen: Int32Array,
  ): Pick<MuseAnswer, 'positions' | 'scores'> {
    const positions = Array.from(chosen);
    const scores = positions.map((position) =>
      position < 0
        ? Number.NEGATIVE_INFINITY
        : this.#similarity(candidate.item, request.items[position] as bigint),
    );
    return { positions, scores };
  }

  /** The learned embeddings of the behaviours' items; unknown items have none here. */
  #learned(
    request: MuseRequest,
    candidate: Candidate,
  ): { matrix: Matrix; rows: Behaviour[]; target: Vector | undefined } {
    const { item: items, embeddingDim: dim } = this.#weights;
    const all = [...request.items, candidate.item];
    const matrix = { numbers: Float64Array.from(all.flatMap((id) => items.embedding(id))), dim };
    const rows = request.items.map((id, row) => ({ row: items.knows(id) ? row : -1 }));
    const known = items.knows(candidate.item);
    return { matrix, rows, target: known ? vectorAt(matrix, request.items.length) : undefined };
  }

  #seenKept(request: MuseRequest, kept: Pick<MuseAnswer, 'positions' | 'scores'>): Seen[] {
    return kept.positions.flatMap((position, place): Seen[] => {
      if (position >= 0) {
        const embedding = this.#behaviour(request, position);
        return [{ embedding, similarity: kept.scores[place] as number }];
      }
      return request.emptyPlaces === 'mask' ? [] : [this.#padding()];
    });
  }

  /** The newest behaviours, padded in front. */
  #seenShort(request: MuseRequest, candidate: Candidate): Seen[] {
    const length = request.items.length;
    const first = length - this.#weights.shortSteps;
    return Array.from({ length: this.#weights.shortSteps }, (_, i) => first + i).flatMap(
      (position): Seen[] => {
        if (position < 0) return request.emptyPlaces === 'mask' ? [] : [this.#padding()];
        const embedding = this.#behaviour(request, position);
        const item = request.items[position] as bigint;
        return [{ embedding, similarity: this.#similarity(candidate.item, item) }];
      },
    );
  }

  #behaviour({ items, categories }: MuseRequest, position: number): number[] {
    return this.#embedding(items[position] as bigint, categories[position] as bigint);
  }

  /** The release fills empty places with the rows of unknown ids, and does not mask them. */
  #padding(): Seen {
    const { item, category } = this.#weights;
    return { embedding: [...item.unknown(), ...category.unknown()], similarity: 0 };
  }

  /** Keys are the values too, and there is no activation. */
  #shortAttention(target: readonly number[], short: readonly Seen[]): Float64Array {
    const { shortQuery, shortKey } = this.#weights;
    const query = linear(shortQuery, target);
    const keys = embeddings(short).map((embedding) => linear(shortKey, embedding));
    const logits = keys.map((key) => dot(key, query));
    return attend(logits, keys, query.length);
  }

  #tower(input: Float64Array): Pick<MuseAnswer, 'probability' | 'probabilityRange'> {
    const hidden = this.#weights.tower.slice(0, -1);
    const last = this.#weights.tower.at(-1) as DiceLayer;
    const features = hidden.reduce(
      (x, { layer, gamma }: DiceLayer) => dice(linear(layer, x), gamma),
      input,
    );
    const sums = linear(last.layer, features);
    const clicked = (moved: readonly [number, number]) => {
      const logits = dice(
        sums.map((sum, i) => sum + (moved[i] as number) * Math.max(1, Math.abs(sum))),
        last.gamma,
      );
      return Math.min(1, (softmax(Array.from(logits))[1] as number) + FLOOR);
    };
    // Dice of two sums is monotonic in their difference: the extremes lie at the corners.
    const corners = [-LAST_LAYER_ROUNDING, 0, LAST_LAYER_ROUNDING].flatMap((a) =>
      [-LAST_LAYER_ROUNDING, 0, LAST_LAYER_ROUNDING].map((b) => clicked([a, b])),
    );
    return {
      probability: clicked([0, 0]),
      probabilityRange: [Math.min(...corners), Math.max(...corners)],
    };
  }
}

const embeddings = (seen: readonly Seen[]) => seen.map(({ embedding }) => embedding);

const similarities = (seen: readonly Seen[]) => seen.map(({ similarity }) => similarity);
