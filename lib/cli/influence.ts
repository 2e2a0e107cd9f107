/**
 * Which kept items moved a probability most: the change that each of them makes, found by ranking again
 * as if its kept behaviours had been of an unknown item. The behaviours next in line then step in.
 *
 * A probability depends on the kept behaviours and the newest ones alone, so this ranks over a history of
 * those, up to thousands of times shorter than the user's own.
 */

import type { History, Ranker, Ranking } from '../index.js';
import type { RankedUser } from './ranked-user.js';

/** A kept item and what it did. */
export interface Influence {
  readonly item: bigint;
  readonly category: bigint;
  /** Similarity to the candidate. */
  readonly score: number;
  /** Behaviours of this item among the kept. */
  readonly places: number;
  /** Of the newest of them. */
  readonly behavioursAgo: number;
  /** Probability with it less the probability without it. */
  readonly change: number;
}

const UNKNOWN = 0n;

/** Newest behaviours to begin with; a model that reads more of them gets more. */
const NEWEST = 64;

export class Influences {
  readonly #ranker: Ranker;
  readonly #user: RankedUser;
  readonly #history: History;

  /** @param history of all the user's behaviours. */
  constructor(ranker: Ranker, user: RankedUser, history: History) {
    this.#ranker = ranker;
    this.#user = user;
    this.#history = history;
  }

  /** Of all items kept for a candidate, the most influential first. */
  on(candidate: number): Influence[] {
    const { items, categories } = this.#user.behaviours;
    const k = this.#ranker.k;
    const full = this.#rank(this.#history, candidate, k);
    const { positions } = this.#rank(this.#history, candidate, 2 * k).kept;
    const base = full.probabilities[0]!;
    const short = this.#sufficient(candidate, base, positions);
    const places = placesOfItems(full.kept.positions, items);
    const influences = Array.from(places, ([item, own]): Influence => {
      const blank = new Set(own.map((place) => full.kept.positions[place]!));
      const newest = Math.max(...blank);
      return {
        item,
        category: categories[newest]!,
        score: full.kept.scores[own[0]!]!,
        places: own.length,
        behavioursAgo: items.length - 1 - newest,
        change: base - this.#probability(candidate, short, blank),
      };
    });
    return influences.sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
  }

  /** Positions that give the same probability as the whole history. */
  #sufficient(candidate: number, base: number, kept: Int32Array): readonly number[] {
    const { length } = this.#history;
    for (let newest = NEWEST; ; newest *= 2) {
      const first = Math.max(0, length - newest);
      const recent = Array.from({ length: length - first }, (_, index) => first + index);
      const chosen = new Set([...kept.filter((position) => position >= 0), ...recent]);
      const positions = [...chosen].sort((a, b) => a - b);
      if (first === 0 || this.#probability(candidate, positions, new Set()) === base) {
        return positions;
      }
    }
  }

  #probability(
    candidate: number,
    positions: readonly number[],
    blank: ReadonlySet<number>,
  ): number {
    const { items, categories } = this.#user.behaviours;
    const idsOf = (ids: BigInt64Array) =>
      BigInt64Array.from(positions, (position) => (blank.has(position) ? UNKNOWN : ids[position]!));
    using history = this.#ranker.history(idsOf(items), { categories: idsOf(categories) });
    return this.#rank(history, candidate, this.#ranker.k).probabilities[0]!;
  }

  #rank(history: History, candidate: number, k: number): Ranking {
    const only = (ids: BigInt64Array) => ids.subarray(candidate, candidate + 1);
    const { items, categories, cities, provinces } = this.#user.candidates;
    return this.#ranker.rankSync({
      history,
      k,
      user: this.#user.user,
      candidates: {
        items: only(items),
        categories: only(categories),
        cities: only(cities),
        provinces: only(provinces),
      },
    });
  }
}

/** Places among the kept by item. */
function placesOfItems(positions: Int32Array, items: BigInt64Array): Map<bigint, number[]> {
  const places = new Map<bigint, number[]>();
  for (const [place, position] of positions.entries()) {
    if (position < 0) continue;
    const item = items[position]!;
    const own = places.get(item);
    if (own === undefined) places.set(item, [place]);
    else own.push(place);
  }
  return places;
}
