/** A ranking to be asked for, wherever it came from. */

import type { Behaviours } from '../synthetic/fields.js';

export interface RankedUser {
  /** One id for each user feature of the model. */
  readonly user: BigInt64Array;
  readonly behaviours: Behaviours;
  readonly candidates: {
    readonly items: BigInt64Array;
    readonly categories: BigInt64Array;
    readonly cities: BigInt64Array;
    readonly provinces: BigInt64Array;
  };
}
