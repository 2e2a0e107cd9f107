/** The page of `kleio tree report`: one file that needs nothing else. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { writeNewFile } from '../../binding/new-file.js';
import type { TreeReport } from '../../index.js';
import { whole } from '../../text/text-table.js';

export interface TreePage {
  readonly tree: string;
  readonly quality: TreeReport;
  readonly recall:
    | {
        readonly beam: number;
        readonly top: number;
        readonly levels: readonly number[];
        /** Share of the truth that was returned. */
        readonly items: number;
      }
    | undefined;
}

/** Made beside the command line from `lib/cli/tree/tree-page.mjs` and what it imports. */
const SCRIPT = join(__dirname, 'tree-page.js');

export function writeTreePage(path: string, page: TreePage): void {
  writeNewFile(path, treePage(page, readFileSync(SCRIPT, 'utf8')));
}

function treePage(page: TreePage, script: string): string {
  const { items, depth, meanDepth, balance, drift } = page.quality;
  const { recall } = page;
  const facts = [
    `${whole(items)} items, depth ${depth}, a leaf's mean depth ${meanDepth.toFixed(1)}, balance ${balance.toFixed(3)}.`,
    `Since the build ${whole(drift.inserted)} items came and ${whole(drift.removed)} left; the upper nodes' means moved by ${drift.moved.toFixed(4)}.`,
  ];
  const figures = [
    figure('balance', 'Balance', 'Most (solid) and fewest (dashed) items below a node.'),
    figure('nodes', 'Nodes', 'Inner nodes and leaves of each level.'),
    figure(
      'similarity',
      'Similarity by level',
      `Of ${whole(page.quality.sampled)} items, each with its node of the level.`,
    ),
    ...(recall === undefined
      ? []
      : [
          figure(
            'recall',
            'Recall by level',
            `A beam of ${whole(recall.beam)} against brute force: of its best ${whole(recall.top)} items ${(100 * recall.items).toFixed(1)} % were returned.`,
          ),
        ]),
  ];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Index tree ${escaped(page.tree)}</title>
<style>
  :root { color-scheme: light dark; }
  body { max-width: 58rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; }
  h1 { font-size: 1.4rem; }
  h2 { font-size: 1.1rem; margin: 2rem 0 0; }
  figure { margin: 0; }
</style>
<h1>Index tree ${escaped(page.tree)}</h1>
${facts.map((fact) => `<p>${escaped(fact)}</p>`).join('\n')}
${figures.join('\n')}
<script type="application/json" id="report">${JSON.stringify(page).replaceAll('<', '\\u003c')}</script>
<script>${script.replaceAll('</script', '<\\/script')}</script>
</html>
`;
}

function figure(id: string, title: string, text: string): string {
  return `<h2>${escaped(title)}</h2><p>${escaped(text)}</p><figure id="${id}"></figure>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
