/** Index trees and what they found, for people. */

import type { Retrieved, TreeReport, TreeStages } from '../../index.js';
import { columns, short, whole } from '../../text/text-table.js';

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
    ...(seconds === undefined ? [] : [`built in  ${short(seconds)} s`]),
    `items     ${whole(items)}, depth ${depth} (a leaf's mean ${meanDepth.toFixed(1)}), balance ${balance.toFixed(3)}`,
    `changes   ${whole(drift.inserted)} inserted, ${whole(drift.removed)} removed, upper nodes moved by ${drift.moved.toFixed(4)}`,
    '',
    ...columns([header, ...lines]),
    '',
  ].join('\n');
}

export interface TreeSearchAnswer {
  readonly found: Retrieved;
  readonly history: { readonly behaviours: number; readonly distinct: number };
  /** Where the scorer has any. */
  readonly stages: TreeStages | null;
  readonly elapsedMs: number;
}

export function readableTreeSearch({ found, history, ...times }: TreeSearchAnswer): string {
  const { items, logits, scored } = found;
  const lines = [...items.subarray(0, SHOWN_ITEMS)].map((item, rank) => [
    String(rank + 1),
    String(item),
    logits[rank]!.toFixed(4),
  ]);
  const rest = items.length - lines.length;
  return [
    ...columns([['rank', 'item', 'logit'], ...lines]),
    ...(rest > 0 ? [`  and ${whole(rest)} more`] : []),
    '',
    `history   ${whole(history.behaviours)} behaviours of ${whole(history.distinct)} items of the tree`,
    `${whole(scored)} nodes scored in ${short(times.elapsedMs)} ms${readableStages(times.stages)}`,
    '',
  ].join('\n');
}

function readableStages(stages: TreeStages | null): string {
  if (stages === null) return '';
  const { prepareMs, collaborativeMs, multimodalMs, attendMs } = stages;
  return `: preparation ${short(prepareMs)}, collaborative search ${short(collaborativeMs)}, multimodal search ${short(multimodalMs)}, attention and MLP ${short(attendMs)}, the rest the beam`;
}
