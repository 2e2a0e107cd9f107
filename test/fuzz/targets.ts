/** Everything that is fuzzed, and the inputs that once found something. */
import type { FuzzTarget } from './fuzzing.js';
import { NPY_HEADERS, SAFETENSORS_HEADERS, SHARD_INDICES } from './headers.js';
import { HISTORIES } from './histories.js';
import { PARQUET } from './parquet.js';
import { REQUESTS } from './requests.js';
import { SCORERS, TREES } from './trees.js';
import { WEIGHTS } from './weights.js';

export const TARGETS: readonly FuzzTarget[] = [
  WEIGHTS,
  TREES,
  SCORERS,
  HISTORIES,
  SAFETENSORS_HEADERS,
  NPY_HEADERS,
  SHARD_INDICES,
  REQUESTS,
  PARQUET,
];

/** Seeds of inputs that were answered wrongly once, by the name of their target. Tests try them again. */
export const FINDINGS: Readonly<Record<string, readonly number[]>> = {
  // Names of shards so long that the message was.
  'shard-indices': [1350, 126642214],
  // A text of zeros, each of which was shown by six characters.
  'npy-headers': [54372],
  // Pages behind the last value of a column, which are nobody's; sizes by which one reader goes back for ever;
  // an empty list that goes on.
  parquet: [579, 1366, 900_129, 17_437],
};
