/** `kleio tree`: builds an index tree, searches it, reports on it. */

import { type Duplicates, EmbeddingTable, IndexTree, type TreeSplit } from '../../index.js';
import { stringOfBigint } from '../../text/json.js';
import { Progress } from '../../text/progress.js';
import { Retrieval, type RetrievalOptions } from './retrieval.js';
import { type TreePage, writeTreePage } from './tree-report-page.js';
import { readableTree, readableTreeSearch } from './tree-text.js';

export interface TreeBuildCommand {
  readonly embeddings: string;
  readonly duplicates?: Duplicates;
  readonly out: string;
  readonly split: TreeSplit;
  readonly seed: number;
  readonly threads?: number;
  readonly json?: boolean;
}

export interface TreeSearchCommand extends RetrievalOptions {
  readonly beam: number;
  readonly json?: boolean;
}

export interface TreeReportCommand extends TreeSearchCommand {
  readonly out: string;
}

const PROGRESS_STEPS = 1000;

export async function runTreeBuild(command: TreeBuildCommand): Promise<void> {
  const { embeddings, duplicates, out, split, seed, threads } = command;
  const progress = new Progress();
  try {
    using table = await EmbeddingTable.open(embeddings, { duplicates });
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
  const retrieval = await Retrieval.of(tree, command);
  try {
    const { history } = retrieval;
    const { found, elapsedMs } = await retrieval.search(command.beam);
    const { items, logits, scored, stages = null } = found;
    const answer = { items: [...items], logits: [...logits], scored, history, stages, elapsedMs };
    print(command, answer, () => readableTreeSearch({ found, history, stages, elapsedMs }));
  } finally {
    retrieval.close();
  }
}

export async function runTreeReport(command: TreeReportCommand): Promise<void> {
  const progress = new Progress();
  try {
    using tree = await IndexTree.open(command.tree);
    const recall = await recallOf(tree, command);
    progress.start('measuring', 1);
    const quality = await tree.quality();
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
async function recallOf(tree: IndexTree, command: TreeReportCommand): Promise<TreePage['recall']> {
  if (command.request === undefined) return undefined;
  const retrieval = await Retrieval.of(tree, command);
  try {
    if (tree.items === 0) return undefined;
    const { found: truth } = await retrieval.search(Number.POSITIVE_INFINITY);
    const { found } = await retrieval.search(command.beam);
    const { levels, items: share } = tree.hierarchicalRecall(found, truth.items);
    return { beam: command.beam, top: command.top, levels: [...levels], items: share };
  } finally {
    retrieval.close();
  }
}

function print(
  { json }: { readonly json?: boolean },
  answer: unknown,
  readable: () => string,
): void {
  process.stdout.write(json ? `${JSON.stringify(answer, stringOfBigint, 2)}\n` : readable());
}
