/** Draws corpora for index trees, and saves trees to look at them by their files. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddingTable, IndexTree, TreeScorer } from 'kleio';
import { type Dtype, type Elements, elementsOf } from '../oracle/float-formats.js';
import { type OracleTree, readTree } from '../oracle/tree.js';
import { testDevice } from './device.js';
import { drawEmbeddings, type FamilyName } from './embeddings.js';
import { memoryFolder } from './memory-folder.js';
import type { Random } from './random.js';
import { safetensorsOf, type TensorFile } from './tensor-files.js';

export interface Corpus {
  readonly table: EmbeddingTable;
  readonly ids: BigInt64Array;
  readonly values: Elements;
  readonly dim: number;
  readonly dtype: Dtype;
}

export interface CorpusShape {
  readonly items: number;
  readonly dim: number;
  readonly dtype: Dtype;
  readonly family: FamilyName;
}

export function drawCorpus({ items, dim, dtype, family }: CorpusShape, random: Random): Corpus {
  const values = drawValues({ items, dim, dtype, family }, random);
  const ids = drawIds(items, random);
  const table = EmbeddingTable.from(values, { dim, dtype, ids, device: testDevice });
  return { table, ids, values, dim, dtype };
}

export function drawValues({ items, dim, dtype, family }: CorpusShape, random: Random): Elements {
  return elementsOf(drawEmbeddings(family, items, dim, dtype, random), dtype);
}

/** Different, in no order, of every size. */
export function drawIds(count: number, random: Random): BigInt64Array {
  const ids = new Set<bigint>();
  while (ids.size < count) {
    ids.add(BigInt(random.integer(-(2 ** 31), 2 ** 31)) * (random.chance(0.5) ? 1n : 2n ** 31n));
  }
  return BigInt64Array.from(ids);
}

/** Files of one test suite, gone with `clear`. */
export class TreeFolder {
  readonly #folder = mkdtempSync(join(memoryFolder, 'kleio-tree-'));
  #files = 0;

  path(): string {
    this.#files += 1;
    return join(this.#folder, `${this.#files}.tree`);
  }

  /** What the tree's file says. */
  read(tree: IndexTree): Promise<OracleTree> {
    return this.#saved(tree, readTree);
  }

  /** What the tree's file is. */
  bytesOf(tree: IndexTree): Promise<Buffer> {
    return this.#saved(tree, (path) => readFileSync(path));
  }

  /** The tree that its file is. */
  reopened(tree: IndexTree): Promise<IndexTree> {
    return this.#saved(tree, (path) => {
      tree.close();
      return IndexTree.open(path);
    });
  }

  async openScorer({ tensors, metadata }: TensorFile): Promise<TreeScorer> {
    const path = this.path();
    writeFileSync(path, safetensorsOf(Object.fromEntries(tensors), metadata));
    const scorer = await TreeScorer.open(path);
    // What was opened outlives its name.
    rmSync(path);
    return scorer;
  }

  /** What is made of a file of the tree, which goes. */
  async #saved<Made>(tree: IndexTree, make: (path: string) => Made | Promise<Made>): Promise<Made> {
    const path = this.path();
    await tree.save(path);
    const made = await make(path);
    rmSync(path);
    return made;
  }

  clear(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** A scorer by which every node has the score it is given: two towers of one dimension. */
export function scorerOf(
  tree: OracleTree,
  builtInner: number,
  scoreOf: (index: number) => number,
): Promise<TreeScorer> {
  const nodes = new Float32Array(builtInner + 1);
  const items = new Float32Array(tree.ids.length + 1);
  for (const { index, children, item, feature } of tree.nodes) {
    if (children === undefined) items[item + 1] = scoreOf(index);
    else nodes[feature + 1] = scoreOf(index);
  }
  return towersOf(BigInt64Array.from(tree.ids), items, nodes);
}

/** Two towers of one dimension; the first of the items and of the nodes is for unknown ones. */
export function towersOf(
  ids: BigInt64Array,
  items: Float32Array,
  nodes: Float32Array,
): Promise<TreeScorer> {
  return TreeScorer.open({
    tensors: {
      'item.ids': { shape: [ids.length], values: ids },
      'item.embeddings': { shape: [items.length, 1], values: items },
      'node.embeddings': { shape: [nodes.length, 1], values: nodes },
    },
    metadata: { kind: 'two-tower' },
  });
}
