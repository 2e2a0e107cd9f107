/** How much of what should have been found each level of a beam still held. */

import type { NativeTree } from '../binding/contract/native-tree.js';
import type { RetrievedBeams } from './tree-search.js';

export interface HierarchicalRecall {
  /**
   * By level from the root down: the share of the truth's ancestors on that level (leaves where they
   * lie higher) that the beam held. 1 above the first level that was scored.
   */
  readonly levels: Float64Array;
  /** The share of the truth that was returned. */
  readonly items: number;
}

/** `truth` are the ids that should have been found; those that the tree does not have count as missed. */
export function recallByLevel(
  tree: NativeTree,
  { items, first, nodes }: RetrievedBeams,
  truth: BigInt64Array,
): HierarchicalRecall {
  const levels = new Float64Array(tree.depth + 1).fill(1);
  const held = new Set<number>();
  for (let level = first; level < levels.length; ++level) {
    for (const node of nodes[level - first] ?? []) held.add(node);
    const wanted = new Int32Array(truth.length);
    tree.nodesAt(truth, level, wanted);
    levels[level] = shareOf(new Set(wanted), held);
  }
  return { levels, items: shareOf(new Set(truth), new Set(items)) };
}

function shareOf<Element>(wanted: ReadonlySet<Element>, held: ReadonlySet<Element>): number {
  if (wanted.size === 0) return 1;
  let found = 0;
  for (const element of wanted) found += held.has(element) ? 1 : 0;
  return found / wanted.size;
}
