/**
 * A history by its definition: a list of behaviours with names, which knows nothing of positions. Nothing here is
 * taken from the product's sources.
 */

import { cosineScore, innerProduct, innerProductScore, squaredNorm, type Vector } from './score.js';
import type { Matrix } from './search.js';
import { vectorAt } from './search.js';

export interface Remembered {
  readonly sequence: number;
  /** Undefined: it came as row -1. */
  readonly id: bigint | undefined;
  /** Of the catalogue when it came; -1: unknown. */
  readonly row: number;
  readonly category: bigint | undefined;
  readonly time: number | undefined;
}

export interface RememberedQuery {
  readonly k: number;
  readonly by: 'cosine' | 'dot' | 'category';
  readonly minScore?: number;
  readonly since?: number;
  readonly until?: number;
  readonly exclude?: readonly bigint[];
  readonly distinct?: boolean;
}

/** A behaviour that was kept. */
export interface Found extends Remembered {
  readonly score: number;
}

export class RememberedHistory {
  #present: Remembered[] = [];
  #next = 0;

  constructor(readonly capacity: number) {}

  get present(): readonly Remembered[] {
    return this.#present;
  }

  get next(): number {
    return this.#next;
  }

  /** The oldest number present. */
  get first(): number {
    return this.#present[0]?.sequence ?? this.#next;
  }

  append(behaviours: readonly Omit<Remembered, 'sequence'>[]): void {
    for (const behaviour of behaviours) {
      this.#present.push({ ...behaviour, sequence: this.#next });
      this.#next += 1;
    }
    this.#present = this.#present.slice(-this.capacity);
  }

  /** Returns how many went. */
  remove(goes: (behaviour: Remembered) => boolean): number {
    const before = this.#present.length;
    this.#present = this.#present.filter((behaviour) => !goes(behaviour));
    return before - this.#present.length;
  }

  /** The same over another catalogue, in which items have other rows. */
  onto(rowOf: (id: bigint) => number): RememberedHistory {
    const other = new RememberedHistory(this.capacity);
    other.#next = this.#next;
    other.#present = this.#present.map((behaviour) => ({
      ...behaviour,
      row: behaviour.id === undefined ? -1 : rowOf(behaviour.id),
    }));
    return other;
  }

  /** What a target keeps, best first. */
  search(catalogue: Matrix, target: Vector | bigint | undefined, query: RememberedQuery): Found[] {
    const score = scorer(catalogue, target, query.by);
    const least = Math.fround(query.minScore ?? Number.NEGATIVE_INFINITY);
    const found = this.#present
      .filter((behaviour) => isEligible(behaviour, query))
      .map((behaviour) => ({ ...behaviour, score: score(behaviour) }))
      .filter((one): one is Found => one.score !== undefined && one.score >= least)
      .sort((a, b) => b.score - a.score || b.sequence - a.sequence);
    return (query.distinct ? onePerItem(found) : found).slice(0, query.k);
  }
}

function isEligible({ id, time }: Remembered, query: RememberedQuery): boolean {
  const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY, exclude } = query;
  if (time !== undefined && !(time >= since && time <= until)) return false;
  return id === undefined || !exclude?.includes(id);
}

/** Undefined: never kept. */
function scorer(
  catalogue: Matrix,
  target: Vector | bigint | undefined,
  by: RememberedQuery['by'],
): (behaviour: Remembered) => number | undefined {
  if (by === 'category') return ({ category }) => (category === target ? 1 : undefined);
  if (target === undefined || typeof target === 'bigint') return () => undefined;
  const targetNorm = squaredNorm(target, catalogue.dim);
  return ({ row }) => {
    if (row < 0 || targetNorm === 0) return undefined;
    const vector = vectorAt(catalogue, row);
    const norm = squaredNorm(vector, catalogue.dim);
    if (norm === 0) return undefined;
    const dot = innerProduct(target, vector, catalogue.dim);
    return by === 'dot' ? innerProductScore(dot) : cosineScore(dot, targetNorm, norm);
  };
}

/** Behaviours without embedding have no item in common. */
function onePerItem(found: readonly Found[]): Found[] {
  const seen = new Set<number>();
  return found.filter(({ row }) => {
    if (row < 0) return true;
    if (seen.has(row)) return false;
    seen.add(row);
    return true;
  });
}
