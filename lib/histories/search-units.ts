/** The search units, in one table that everything else reads: `native/core/unit.h` has the same. */

export interface SearchUnitTraits {
  /** The number of the binary's contract. */
  readonly code: number;
  /** Scores the embeddings of targets and behaviours; a behaviour without one is never kept. */
  readonly readsEmbeddings: boolean;
  /** Its targets are `categories`, which the behaviours must have, too. */
  readonly byCategories: boolean;
}

export const SEARCH_UNITS = {
  cosine: { code: 0, readsEmbeddings: true, byCategories: false },
  dot: { code: 1, readsEmbeddings: true, byCategories: false },
  category: { code: 2, readsEmbeddings: false, byCategories: true },
} as const satisfies Readonly<Record<string, SearchUnitTraits>>;

/**
 * How behaviours are scored.
 *
 * - `cosine`: cosine of the embeddings, MUSE's general search unit (arXiv 2512.07216, section 4).
 * - `dot`: their inner product, SIM-soft (arXiv 2006.05639).
 * - `category`: 1 for a behaviour of the target's category, SIM-hard (arXiv 2006.05639). Needs
 *   `categories`, no embeddings, and keeps the newest first.
 */
export type SearchUnit = keyof typeof SEARCH_UNITS;

/** The units that score embeddings. */
export type EmbeddingUnit = {
  [Unit in SearchUnit]: (typeof SEARCH_UNITS)[Unit]['readsEmbeddings'] extends true ? Unit : never;
}[SearchUnit];

export const SEARCH_UNIT_NAMES = Object.keys(SEARCH_UNITS) as readonly SearchUnit[];

export function isEmbeddingUnit(unit: SearchUnit): unit is EmbeddingUnit {
  return SEARCH_UNITS[unit].readsEmbeddings;
}
