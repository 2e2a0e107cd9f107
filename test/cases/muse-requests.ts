/** Draws what a ranker is asked: known, unknown and padding ids, histories of every length. */
import fc from 'fast-check';
import type { Candidates } from 'kleio';
import type { Candidate, MuseRequest } from '../oracle/muse.js';
import { USER_FEATURES } from '../oracle/muse-weights.js';
import type { DrawnModel } from './muse-models.js';
import type { Random } from './random.js';

export interface RequestShape {
  readonly length: number;
  readonly candidates: number;
  /** Undefined: the model's own. */
  readonly k: number | undefined;
  readonly unit: 'cosine' | 'category' | 'learned-cosine' | 'none';
  readonly emptyPlaces: 'release' | 'mask';
}

export interface DrawnRequest extends MuseRequest {
  readonly candidates: readonly Candidate[];
}

/** Around the tile of candidates that a backend takes at a time. */
const CANDIDATES = [1, 2, 7, 47, 48, 49, 60];

export const requestShapes: fc.Arbitrary<RequestShape> = fc.record({
  length: fc.oneof(
    fc.constantFrom(0, 1, 3),
    fc.integer({ min: 0, max: 90 }),
    fc.integer({ min: 90, max: 400 }),
  ),
  candidates: fc.constantFrom(...CANDIDATES),
  k: fc.oneof(
    { weight: 2, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 80 }) },
  ),
  unit: fc.constantFrom('cosine', 'cosine', 'cosine', 'category', 'learned-cosine', 'none'),
  emptyPlaces: fc.constantFrom('release', 'mask'),
});

export function drawRequest(
  { ids }: DrawnModel,
  shape: RequestShape,
  random: Random,
): DrawnRequest {
  const one = (feature: string) => drawId(ids[feature] as readonly bigint[], random);
  const many = (feature: string, count: number) =>
    Array.from({ length: count }, () => one(feature));
  return {
    items: many('150_2_180', shape.length),
    categories: many('151_2_180', shape.length),
    user: USER_FEATURES.map(one),
    candidates: Array.from({ length: shape.candidates }, () => ({
      item: one('150_2_180'),
      category: one('151_2_180'),
      city: one('213'),
      province: one('214'),
    })),
    unit: shape.unit,
    emptyPlaces: shape.emptyPlaces,
    ...(shape.k !== undefined && { k: shape.k }),
  };
}

/** In the product's words. */
export function candidatesOf(candidates: readonly Candidate[]): Candidates {
  const column = (part: keyof Candidate) =>
    BigInt64Array.from(candidates, (candidate) => candidate[part]);
  return {
    items: column('item'),
    categories: column('category'),
    cities: column('city'),
    provinces: column('province'),
  };
}

/** No feature has these ids. */
const UNKNOWN = [0n, 5_000_000_000_001n, -3_000_000_000_001n];

function drawId(known: readonly bigint[], random: Random): bigint {
  return known.length === 0 || random.chance(0.07) ? random.pick(UNKNOWN) : random.pick(known);
}
