/** Ids that stand on several rows of a table. */

import { DUPLICATES_CODES } from '../binding/contract/codes.js';
import { requireChoice } from '../support/options.js';

/** What an id on several rows means: an error, its first row, or its last. */
export type Duplicates = keyof typeof DUPLICATES_CODES;

export function requireDuplicates(duplicates: unknown): asserts duplicates is Duplicates {
  requireChoice('duplicates', duplicates, DUPLICATES_CODES);
}
