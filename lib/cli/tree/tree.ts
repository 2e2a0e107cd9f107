/** `kleio tree`: builds an index tree, searches it, reports on it. */

import {
  EmbeddingTable,
  History,
  IndexTree,
  type Retrieved,
  type TreeReport,
  TreeScorer,
  type TreeSplit,
} from '../../index.js';
import { stringOfBigint } from '../../text/json.js';
import { Progress } from '../../text/progress.js';
import { type TreePage, writeTreePage } from './tree-report-page.js';
import { readTreeRequest } from './tree-request.js';
import { readableTree, readableTreeSearch } from './tree-text.js';

export interface TreeBuildCommand {
  readonly embeddings: string;
  readonly out: string;
  readonly split: TreeSplit;
  readonly seed: number;
  readonly threads?: number;
  readonly json?: boolean;
}

export interface TreeSearchCommand {
  readonly tree: string;
  readonly weights?: string;
  readonly request?: string;
  readonly beam: number;
  readonly top: number;
  readonly json?: boolean;
}

export interface TreeReportCommand extends TreeSearchCommand {
  readonly out: string;
}

const PROGRESS_STEPS = 1000;

export async function runTreeBuild(command: TreeBuildCommand): Promise<void> {
  const { embeddings, out, split, seed, threads } = command;
  const progress = new Progress();
  try {
    using table = await EmbeddingTable.open(embeddings);
    progress.start('dividing the items', PROGRESS_STEPS);
    let shown = 0;
    const onProgress = (done: number) => {
      const steps = Math.floor(done * PROGRESS_STEPS);
      progress.step(steps - shown);
      shown = steps;
    };
    const started = performance.now();
    using tree = await IndexTree.build(table, { split, seed, threads, onProgress });
    const seconds = (performance.now() - started) / 1000;
    await tree.save(out);
    const quality = await tree.quality();
    progress.stop();
    print(command, { out, seconds, quality }, () => readableTree(out, quality, seconds));
  } finally {
    progress.stop();
  }
}

export async function runTreeSearch(command: TreeSearchCommand): Promise<void> {
  using tree = await IndexTree.open(command.tree);
  const started = performance.now();
  const found = await search(tree, command, command.beam);
  const elapsedMs = performance.now() - started;
  const { items, logits, scored, stages } = found;
  const answer = { items: [...items], logits: [...logits], scored, stages, elapsedMs };
  print(command, answer, () => readableTreeSearch(found, elapsedMs));
}

export async function runTreeReport(command: TreeReportCommand): Promise<void> {
  const progress = new Progress();
  try {
    progress.start('measuring', 2);
    using tree = await IndexTree.open(command.tree);
    const quality = await tree.quality();
    progress.step();
    const recall = await recallOf(tree, command, quality);
    progress.stop();
    const page: TreePage = { tree: command.tree, quality, recall };
    writeTreePage(command.out, page);
    print(
      command,
      page,
      () => `${readableTree(command.tree, quality)}\npage      ${command.out}\n`,
    );
  } finally {
    progress.stop();
  }
}

/** Against brute force by the same scorer. Without a request there is nothing to find. */
async function recallOf(
  tree: IndexTree,
  command: TreeReportCommand,
  { items }: TreeReport,
): Promise<TreePage['recall']> {
  if (command.request === undefined || items === 0) return undefined;
  const truth = await search(tree, command, Number.POSITIVE_INFINITY);
  const found = await search(tree, command, command.beam);
  const { levels, items: share } = tree.hierarchicalRecall(found, truth.items);
  return { beam: command.beam, top: command.top, levels: [...levels], items: share };
}

async function search(
  tree: IndexTree,
  { weights, request, top }: TreeSearchCommand,
  beam: number,
): Promise<Retrieved> {
  const { history: behaviours, user, allow, block } = readTreeRequest(request);
  using history = new History(tree.table);
  history.append(behaviours);
  const asked = { history, user, allow, block, beam, n: top, beams: true };
  if (weights === undefined) return tree.search(asked);
  using scorer = await TreeScorer.open(weights);
  return await tree.search({ ...asked, scorer });
}

function print(
  { json }: { readonly json?: boolean },
  answer: unknown,
  readable: () => string,
): void {
  process.stdout.write(json ? `${JSON.stringify(answer, stringOfBigint, 2)}\n` : readable());
}
