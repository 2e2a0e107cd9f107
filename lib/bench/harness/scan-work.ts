/** The least that an exact search must read and multiply. */

import { ELEMENT_TYPES } from '../../tables/dtypes.js';
import type { Work } from './case.js';
import type { Point } from './point.js';

/**
 * A certified scan reads codes: on the CPU int8 whatever the table holds, on a GPU 16 bits unless it holds
 * integers.
 */
export function scanWork({ targets, length, dim, dtype, device }: Point): Work {
  const operations = 2 * targets * length * dim;
  return device === 'cpu' || ELEMENT_TYPES[dtype].format === undefined
    ? { bytes: length * dim, int8: operations }
    : { bytes: 2 * length * dim, float16: operations };
}
