/** Words of `lib` and the numbers that native code knows them by; a test compares every one with `contract`. */

/** Elements of embeddings: `Dtype` of `native/core/dtype.h`. */
export const DTYPE_CODES = { int8: 0, float16: 1, bfloat16: 2, float32: 3, float8: 4 } as const;

/** How the targets of a search are given: `native/addon/search_request.cc`. */
export const TARGET_KINDS = { rows: 0, ids: 1, embeddings: 2, none: 3 } as const;

/** How the lifelong behaviours of a candidate are chosen: `native/core/ranking.h`. */
export const LIFELONG_CODES = { cosine: 0, category: 1, none: 2, 'learned-cosine': 3 } as const;

/** What fills the places of a candidate with fewer behaviours than K: `native/core/ranking.h`. */
export const EMPTY_PLACES_CODES = { release: 0, mask: 1 } as const;

/** What an id on several rows means: `Duplicates` of `native/core/id_index.h`. */
export const DUPLICATES_CODES = { error: 0, first: 1, last: 2 } as const;

/** How a node divides its items: `Split` of `native/tree/tree_state.h`. */
export const SPLIT_CODES = { balanced: 0, plain: 1 } as const;

/** The models that score nodes, and their parts: those of `native/tree/scorer_model.h`. */
export const SCORER_CODES = { miss: 0, 'two-tower': 1 } as const;
export const CO_GSU_CODES = { projected: 0, inner: 1, twin: 2 } as const;
export const LISTS_CODES = { both: 0, collaborative: 1, multimodal: 2, none: 3 } as const;

/** What `measurePeak` drives to its limit: those of `native/core/peak_loop.h`. */
export const PEAK_CODES = { int8: 0, float32: 1, read: 2, float16: 3 } as const;

/** How the kernels of a device find what is worth scoring: those of `native/core/accelerator.h`. */
export const CANDIDATE_SEARCH_CODES = { blocks: 0, lists: 1, auto: 2 } as const;

/** The instructions by which a device lists rows. */
export const APPEND_CODES = { mma: 0, wgmma: 1 } as const;

/** What of a device selects for one target: those of `native/core/select_width.h`. */
export const SELECT_WIDTH_CODES = { block: 0, warp: 1 } as const;

/** The device of a table or a ranker in place of the index of an accelerator. */
export const CPU_DEVICE = -1;
