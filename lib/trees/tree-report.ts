/** The quality of an index tree, as `IndexTree.quality` tells it. */

import type { NativeTreeQuality } from '../binding/contract/native-tree.js';

/** What is known of one level. */
export interface TreeLevel {
  readonly level: number;
  /** Nodes on this level, and how many of them are leaves. */
  readonly nodes: number;
  readonly leaves: number;
  /** Items below the node of the level that has fewest and most. */
  readonly smallest: number;
  readonly largest: number;
  /** Mean cosine of an item with its node of this level, or with its leaf where that lies higher. */
  readonly similarity: number;
}

export interface TreeDrift {
  /** Items since the build. */
  readonly inserted: number;
  readonly removed: number;
  /** Mean over the inner nodes of the upper ten levels of 1 − cosine of their means now and as built. */
  readonly moved: number;
}

export interface TreeReport {
  readonly items: number;
  readonly depth: number;
  /** Mean depth of a leaf. */
  readonly meanDepth: number;
  /** Mean over inner nodes of the smaller child's items over the larger's; 1 where they differ by at most one. */
  readonly balance: number;
  /** Items whose cosines were taken: all, or about 65536 evenly spread ones. */
  readonly sampled: number;
  /** From the root down. */
  readonly levels: readonly TreeLevel[];
  readonly drift: TreeDrift;
}

export function treeReport(native: NativeTreeQuality): TreeReport {
  const { items, meanDepth, balance, sampled, levels, inserted, removed, moved } = native;
  const depth = Math.max(levels.length - 1, 0);
  return {
    items,
    depth,
    meanDepth,
    balance,
    sampled,
    levels,
    drift: { inserted, removed, moved },
  };
}
