/**
 * The binary's contract: everything `lib` knows of the native code, a file for each kind of handle.
 * Arrows in this folder point one way, from here down to the numbers of `codes.ts`.
 */

import type { NativeAttentionBinding } from './native-attention.js';
import type { NativeDevicesBinding } from './native-devices.js';
import type { NativeFileBinding } from './native-file.js';
import type { NativeHistoryBinding } from './native-history.js';
import type { NativeProcessBinding } from './native-process.js';
import type { NativeRankerBinding } from './native-ranker.js';
import type { NativeTableBinding } from './native-table.js';
import type { NativeTreeBinding } from './native-tree.js';
import type { NativeTreeScorerBinding } from './native-tree-scorer.js';

export interface NativeBinding
  extends NativeProcessBinding,
    NativeDevicesBinding,
    NativeFileBinding,
    NativeTableBinding,
    NativeHistoryBinding,
    NativeRankerBinding,
    NativeAttentionBinding,
    NativeTreeBinding,
    NativeTreeScorerBinding {}
