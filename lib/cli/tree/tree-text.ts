/** Index trees and what they found, for people. */

import type { Retrieved, TreeReport } from '../../index.js';
import { columns, whole } from '../../text/text-table.js';

/** Items that get a line of their own. */
const SHOWN_ITEMS = 20;

export function readableTree(path: string, quality: TreeReport, seconds?: number): string {
  const { items, depth, meanDepth, balance, levels, drift } = quality;
  const lines = levels.map(({ level, nodes, leaves, smallest, largest, similarity }) => [
    String(level),
    whole(nodes),
    whole(leaves),
    `${whole(smallest)} to ${whole(largest)}`,
    similarity.toFixed(3),
  ]);
  const header = ['level', 'nodes', 'leaves', 'items below a node', 'cosine'];
  return [
    `tree      ${path}`,
    ...(seconds === undefined ? [] : [`built in  ${seconds.toFixed(1)} s`]),
    `items     ${whole(items)}, depth ${depth} (a leaf's mean ${meanDepth.toFixed(1)}), balance ${balance.toFixed(3)}`,
    `changes   ${whole(drift.inserted)} inserted, ${whole(drift.removed)} removed, upper nodes moved by ${drift.moved.toFixed(4)}`,
    '',
    ...columns([header, ...lines]),
    '',
  ].join('\n');
}

export function readableTreeSearch(found: Retrieved, elapsedMs: number): string {
  const { items, logits, scored, stages } = found;
  const lines = [...items.subarray(0, SHOWN_ITEMS)].map((item, rank) => [
    String(rank + 1),
    String(item),
    logits[rank]!.toFixed(4),
  ]);
  const rest = items.length - lines.length;
  const { prepareMs, collaborativeMs, multimodalMs, attendMs } = stages;
  return [
    ...columns([['rank', 'item', 'logit'], ...lines]),
    ...(rest > 0 ? [`  and ${whole(rest)} more`] : []),
    '',
    `${whole(scored)} nodes scored in ${elapsedMs.toFixed(1)} ms: preparation ${prepareMs.toFixed(1)}, collaborative search ${collaborativeMs.toFixed(1)}, multimodal search ${multimodalMs.toFixed(1)}, attention and MLP ${attendMs.toFixed(1)}`,
    '',
  ].join('\n');
}
