/** What the measurements of trees share: the corpus, its tree, and the scorer. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { EmbeddingTable, History, IndexTree, TreeScorer } from '../../lib/index.js';
import { DIM, PlantedCorpus, type PlantedUser } from './planted-corpus.js';
import { type PlantedWeights, plantedScorer } from './planted-scorer.js';
import { TreeShape } from './tree-shape.js';

export type Kleio = typeof import('../../lib/index.js');

export class TreeSetting {
  readonly treePath: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'kleio-tree-bench-'));

  private constructor(
    readonly kleio: Kleio,
    readonly corpus: PlantedCorpus,
    readonly table: EmbeddingTable,
  ) {
    this.treePath = join(this.#folder, 'items.tree');
  }

  tree!: IndexTree;
  scorer!: TreeScorer;
  weights!: PlantedWeights;
  /** Seconds that the build took. */
  buildSeconds = 0;

  static async of(kleio: Kleio, items: number, seed: number): Promise<TreeSetting> {
    console.log(`drawing ${items} items`);
    const corpus = new PlantedCorpus(items, seed);
    const table = kleio.EmbeddingTable.from(corpus.codes, { dim: DIM });
    const setting = new TreeSetting(kleio, corpus, table);
    console.log('building the tree');
    const started = performance.now();
    setting.tree = await kleio.IndexTree.build(table, { seed });
    setting.buildSeconds = (performance.now() - started) / 1000;
    await setting.tree.save(setting.treePath);
    setting.weights = plantedScorer(corpus.idEmbeddings, await TreeShape.of(setting.treePath));
    setting.scorer = await kleio.TreeScorer.open(setting.weights);
    return setting;
  }

  path(name: string): string {
    return join(this.#folder, name);
  }

  historyOf({ behaviours }: PlantedUser): History {
    const history = new this.kleio.History(this.table);
    history.append(behaviours);
    return history;
  }

  close(): void {
    this.tree.close();
    this.scorer.close();
    rmSync(this.#folder, { recursive: true });
  }
}
