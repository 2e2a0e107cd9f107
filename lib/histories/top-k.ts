/** The stateless search: the package in one function. */

import { binding } from '../binding/binary.js';
import { DTYPE_CODES } from '../binding/contract/codes.js';
import { codedError, reading } from '../support/errors.js';
import { MAX_COUNT, MAX_DIM } from '../support/limits.js';
import { knownOptions, optionNames, requireInteger } from '../support/options.js';
import { type Dtype, type EmbeddingValues, requireDtype } from '../tables/dtypes.js';
import { lengthOf, nativeValues, requireEmbeddings, rowsIn } from '../tables/views.js';
import { NO_FIELDS } from './behaviour-fields.js';
import { type Kept, keptFor } from './kept.js';

export interface TopKOptions {
  /** Elements of an embedding, 1 to 4096. */
  readonly dim: number;
  /** How many behaviours to keep for each target, at least 1. */
  readonly k: number;
  /** Needed where the arrays are of unsigned integers: what their bits are. */
  readonly dtype?: Dtype | undefined;
}

const OPTION_NAMES = optionNames('topK options', ['dim', 'k', 'dtype']);

/**
 * The `k` rows of `history` with the largest cosine to each row of `targets`, exactly, on the calling
 * thread (with the pool's help where the work is worth it).
 *
 * Rows of `history` run from the oldest to the newest; the more recent wins a tie. Zero rows are never
 * kept. Both arrays are read in place and must be of one dtype. For many searches over one history,
 * `History` keeps it in the form that the kernels read.
 *
 * @param targets `[count, dim]`.
 * @param history `[length, dim]`.
 * @throws ERR_KLEIO_SHAPE, ERR_KLEIO_DTYPE, ERR_KLEIO_RANGE, ERR_KLEIO_NOT_FINITE (naming row and
 * column), ERR_KLEIO_ARGUMENT, ERR_KLEIO_OUT_OF_MEMORY; the first call also what `devices` throws.
 * @see MUSE, arXiv 2512.07216, the general search unit.
 * @example
 * ```ts
 * import { topK } from 'kleio';
 *
 * const history = Float32Array.of(1, 0, 0, 1, 0.6, 0.8); // three behaviours, oldest first
 * const { positions, scores } = topK(Float32Array.of(0, 2), history, { dim: 2, k: 2 });
 * console.log(positions, scores); // Int32Array [1, 2], Float32Array [1, 0.8]
 * ```
 */
export function topK(
  targets: EmbeddingValues,
  history: EmbeddingValues,
  options: TopKOptions,
): Kept {
  const {
    dim,
    k,
    dtype: said,
  } = reading(OPTION_NAMES.what, () => {
    const { dim, k, dtype } = knownOptions(options, OPTION_NAMES);
    return { dim, k, dtype };
  });
  requireInteger('dim', dim, 1, MAX_DIM);
  requireInteger('k', k, 1, MAX_COUNT);
  if (said !== undefined) requireDtype('dtype', said);
  const dtype = requireEmbeddings('history', history, said);
  const targetDtype = requireEmbeddings('targets', targets, said);
  if (targetDtype !== dtype) {
    throw codedError(
      'ERR_KLEIO_DTYPE',
      `targets and history must be of one dtype; got ${targetDtype} and ${dtype}`,
    );
  }
  rowsIn('history', lengthOf(history), dim);
  const count = rowsIn('targets', lengthOf(targets), dim);
  const kept = keptFor({ count, k, fields: NO_FIELDS }, 0);
  binding().topK(
    nativeValues(targets),
    nativeValues(history),
    DTYPE_CODES[dtype],
    dim,
    k,
    kept.positions,
    kept.scores,
  );
  return kept;
}
