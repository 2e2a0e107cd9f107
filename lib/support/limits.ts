/** The values that arguments may have. Native code has the same bounds; a test compares them. */

/** Rows, positions and k are int32, and −1 means none. */
export const MAX_COUNT = 0x7ffffffe;

export const MAX_DIM = 4096;

/** Of the shape of a tensor: as many as NumPy's arrays have. */
export const MAX_EXTENTS = 64;

/** Of device memory, 256 TiB. */
export const MAX_MEBIBYTES = 2 ** 28;

export const MAX_THREADS = 1024;

/** Searches waiting in the queue of the pool. */
export const MAX_QUEUE = 2 ** 20;

/** Behaviours that a ranker keeps or takes as recent: it holds their attention in memory. */
export const MAX_KEPT = 2 ** 16;

/** Targets of a history that one launch on a device selects for. */
export const MAX_ONE_LAUNCH = 8;

/** Of the pool's threads; what the system knows as the least urgent. */
export const MAX_NICENESS = 19;

/** That a call may wait for others. */
export const MAX_COALESCING_MICROSECONDS = 100_000;

/** Of similarities, in one attention. */
export const MAX_CHANNELS = 2;

/** Of SimTier. */
export const MIN_TIER_WIDTH = 1e-6;
export const MAX_TIER_WIDTH = 2;
