/** What the calls that make a table, and add to it, may be told. */

import type { Device } from '../binding/devices.js';
import { optionNames } from '../support/options.js';
import type { Dtype } from './dtypes.js';
import type { Duplicates } from './duplicates.js';
import type { TensorNames } from './embedding-file.js';

export interface TableOptions {
  /** Elements of an embedding, 1 to 4096. */
  readonly dim: number;
  /** Id of each row, all different unless `duplicates` says what equal ones mean. Default: rows have no ids. */
  readonly ids?: BigInt64Array | undefined;
  /** What an id on several rows means: its `'first'` or its `'last'` row. Default `'error'`. */
  readonly duplicates?: Duplicates | undefined;
  /** Needed where the values are unsigned integers: what their bits are. */
  readonly dtype?: Dtype | undefined;
  /** Where histories over the table are searched. Default `'cpu'`. */
  readonly device?: Device | undefined;
}

export interface OpenOptions {
  /**
   * Names of the tensors of a .safetensors file. Default: `values` and `ids`, then the released MUSE
   * model's `scl_embedding_table.values` and `.keys`, then the only two-dimensional tensor of numbers that
   * can be embeddings. Ids beside other values are the only vector called `ids`, `keys`, `item_id` or the
   * like; integers, one a row, under other names might be ids too: such a file is refused until `names.ids`
   * tells which they are, or `null` that rows have none.
   */
  readonly names?: TensorNames | undefined;
  /**
   * Ids from elsewhere: a .npy file of int64 or uint64, one for each row (`[rows]`, or as one row or column), or an
   * array, which is copied. They take the place of those that the file of the values may hold; `names.ids` cannot be
   * given beside them.
   */
  readonly ids?: string | URL | BigInt64Array | undefined;
  /**
   * What an id on several rows means: its `'first'` or its `'last'` row, as in a dictionary that is filled in order.
   * Rows keep their numbers. Default `'error'`: such a file is refused.
   */
  readonly duplicates?: Duplicates | undefined;
  /** The dtype to expect; it tells what the bits of unsigned integers are. */
  readonly dtype?: Dtype | undefined;
  /** Where histories over the table are searched. Default `'cpu'`. */
  readonly device?: Device | undefined;
}

export interface TableAppendOptions {
  /** Id of each new row: needed where the table has ids, refused where it has none. */
  readonly ids?: BigInt64Array | undefined;
  /**
   * What an id means that the table has already, or that comes twice: an error, its `'first'` row (the new one is
   * there, but no id leads to it), or its `'last'`, to which the id leads from now on. Behaviours that were appended
   * before keep the row that they have. Default `'error'`.
   */
  readonly duplicates?: Duplicates | undefined;
}

export const TABLE_OPTIONS = optionNames('table options', [
  'dim',
  'ids',
  'duplicates',
  'dtype',
  'device',
]);
export const OPEN_OPTIONS = optionNames('open options', [
  'names',
  'ids',
  'duplicates',
  'dtype',
  'device',
]);
export const APPEND_OPTIONS = optionNames('append options', ['ids', 'duplicates']);
