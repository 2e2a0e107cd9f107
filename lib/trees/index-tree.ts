/** A multimodal index tree over the items of a table: built, searched, changed, saved. */

import { binding } from '../binding/binary.js';
import type { Done } from '../binding/contract/done.js';
import type {
  NativeRetrieved,
  NativeTree,
  NativeTreeQuality,
} from '../binding/contract/native-tree.js';
import { writablePath } from '../binding/new-file.js';
import { madeOnPool, openedOnPool } from '../binding/pool-call.js';
import {
  foreignReceiver,
  Handle,
  isObject,
  keepInThread,
  makeDisposable,
  requireHandle,
  SHARING,
} from '../support/handles.js';
import { readingFiles } from '../support/opened-file.js';
import { absolutePath } from '../support/paths.js';
import { printWith } from '../support/printed.js';
import { requireToken, type SharedToken } from '../support/shared-tokens.js';
import { DTYPE_OF_CODE, type Dtype, type EmbeddingValues } from '../tables/dtypes.js';
import { type EmbeddingTable, lentTable, nativeTableOf } from '../tables/embedding-table.js';
import {
  copyOf,
  lengthOf,
  nativeValues,
  requireBigInt64,
  requireEmbeddings,
  requireLength,
  rowsIn,
} from '../tables/views.js';
import { buildOnPool, planBuild, type TreeBuildOptions } from './tree-build.js';
import { inTurn } from './tree-calls.js';
import { locateTree } from './tree-file.js';
import { type HierarchicalRecall, recallByLevel } from './tree-recall.js';
import { type TreeReport, treeReport } from './tree-report.js';
import {
  planTreeSearch,
  type Retrieved,
  requireBeams,
  retrieved,
  type TreeSearch,
} from './tree-search.js';

/**
 * A binary tree over items by their multimodal embeddings (MISS, arXiv 2508.14515): a leaf is an item,
 * an inner node has the mean of the items below it. Beam search goes down it level by level and scores
 * nodes with the user's whole history.
 *
 * A tree may change while it is searched: a search sees it as it was when called.
 *
 * @example
 * ```ts
 * import { EmbeddingTable, IndexTree } from 'kleio';
 *
 * const ids = BigInt64Array.of(101n, 102n, 103n, 104n);
 * const items = EmbeddingTable.from(Int8Array.of(90, 10, 80, 20, 10, 90, 20, 80), { dim: 2, ids });
 * const tree = await IndexTree.build(items, { seed: 1 });
 * console.log(tree.items, tree.depth); // 4 2
 *
 * // Without a scorer: the inner product of a user vector with each node's mean.
 * const { items: found } = await tree.search({ user: Float32Array.of(0, 1), beam: 1, n: 2 });
 * console.log(found); // BigInt64Array [103n, 104n]
 *
 * await tree.insert(BigInt64Array.of(105n), Int8Array.of(0, 99));
 * await tree.save('items.tree');
 * const again = await IndexTree.open('items.tree');
 * console.log(again.items); // 5
 * ```
 */
export class IndexTree {
  readonly #handle: Handle<NativeTree>;
  #table: EmbeddingTable | undefined;
  #changes: Promise<unknown> = Promise.resolve();

  private constructor(handle: Handle<NativeTree>) {
    requireHandle(handle, 'an IndexTree is made by IndexTree.build or IndexTree.open');
    keepInThread(this, 'IndexTree', SHARING);
    this.#handle = handle;
  }

  /**
   * Builds a tree over all rows of a table, on the package's own threads. The same table, seed and split
   * give the same tree for every number of threads and instruction set. The tree keeps the table alive.
   *
   * @returns rejects with ERR_KLEIO_ARGUMENT, ERR_KLEIO_RANGE (more than 2^30 items), ERR_KLEIO_CLOSED,
   * ERR_KLEIO_QUEUE_FULL, ERR_KLEIO_OUT_OF_MEMORY, or the reason of an aborted `signal`.
   */
  static async build(table: EmbeddingTable, options: TreeBuildOptions = {}): Promise<IndexTree> {
    const native = nativeTableOf(table);
    return new IndexTree(new Handle('tree', await buildOnPool(native, planBuild(options))));
  }

  /**
   * Opens a tree that `save` wrote. Its checksum and its shape are checked; what happens to the file
   * afterwards changes nothing.
   *
   * @returns rejects with ERR_KLEIO_FILE, ERR_KLEIO_FORMAT (another version, damage, no tree),
   * ERR_KLEIO_NOT_FINITE, ERR_KLEIO_DUPLICATE_ID, ERR_KLEIO_ARGUMENT, ERR_KLEIO_QUEUE_FULL,
   * ERR_KLEIO_OUT_OF_MEMORY; the first call also what `devices` throws.
   */
  static async open(path: string | URL): Promise<IndexTree> {
    const absolute = absolutePath(path);
    const native = await readingFiles(async (files) => {
      const located = await locateTree(files.open(absolute));
      return openedOnPool<NativeTree>((done) => binding().treeOpen(located, done));
    });
    return new IndexTree(new Handle('tree', native));
  }

  /**
   * A handle of a tree that another thread of this process has shared: the same memory, however many threads
   * have one. It reads only: `insert` and `remove` reject with ERR_KLEIO_ARGUMENT. What the thread that built
   * or opened the tree changes, every search sees that begins afterwards, on every thread.
   *
   * @param token what `share` of a tree gave.
   * @throws what `EmbeddingTable.fromShared` throws.
   * @example
   * ```ts
   * import { EmbeddingTable, IndexTree } from 'kleio';
   *
   * const items = EmbeddingTable.from(Int8Array.of(9, 1, 8, 2, 1, 9, 2, 8), { dim: 2 });
   * const tree = await IndexTree.build(items);
   * const token = tree.share(); // to a worker, where:
   * const there = IndexTree.fromShared(token);
   * await tree.insert(BigInt64Array.of(7n), Int8Array.of(0, 9));
   * console.log(there.items); // 5
   * ```
   */
  static fromShared(token: SharedToken<'IndexTree'>): IndexTree {
    requireToken(token, 'IndexTree');
    return new IndexTree(new Handle('tree', binding().treeFromShared(token)));
  }

  /** What leads other threads of this process to this tree, as `EmbeddingTable#share`. */
  share(): SharedToken<'IndexTree'> {
    return IndexTree.#handleOf(this).native.share() as SharedToken<'IndexTree'>;
  }

  /**
   * Writes the tree as it is now, its items' embeddings included, into one .safetensors file, which
   * is whole or not there: `docs/files.md`. `docs/tree.md` gives the tensors.
   *
   * @returns rejects with ERR_KLEIO_FILE, ERR_KLEIO_CLOSED, ERR_KLEIO_ARGUMENT, ERR_KLEIO_QUEUE_FULL,
   * ERR_KLEIO_OUT_OF_MEMORY.
   */
  async save(path: string | URL): Promise<void> {
    const { native } = IndexTree.#handleOf(this);
    const writable = writablePath(path);
    await madeOnPool<undefined>(undefined, (done) => native.save(writable, done));
  }

  /**
   * Finds the `n` items of largest logit that a beam of `beam` nodes leads to, on the package's own
   * threads. On equal logits the node of smaller number comes first. Nodes are numbered breadth first in
   * the tree as it is, as in its file: every replica of a tree, opened from a file or changed in memory,
   * gives the same list.
   *
   * Everything in the request is copied when called, tree and history as they are then. Items and
   * logits are the same bits for every number of threads; across instruction sets logits of a MISS
   * scorer agree to rounding.
   *
   * @returns rejects with ERR_KLEIO_ARGUMENT (a history is missing), ERR_KLEIO_SHAPE (a scorer of another
   * tree, a history or a user vector of another width), ERR_KLEIO_DTYPE (a history of another dtype),
   * ERR_KLEIO_NOT_FINITE, ERR_KLEIO_RANGE, ERR_KLEIO_CLOSED, ERR_KLEIO_QUEUE_FULL, ERR_KLEIO_OUT_OF_MEMORY, or
   * the reason of an aborted `signal`.
   */
  async search(search: TreeSearch): Promise<Retrieved> {
    const { native } = IndexTree.#handleOf(this);
    const { call, beams, signal } = planTreeSearch(search);
    const answer = await madeOnPool<NativeRetrieved>(signal, (done) =>
      native.search(...call, done),
    );
    return retrieved(answer, beams);
  }

  /**
   * How much of `truth` each level of a beam still held: where a search lost what it should have found.
   *
   * @param result of a search with `beams: true`, of this tree as it is now.
   * @param truth ids, for example of a search with `beam: Infinity`.
   * @example
   * ```ts
   * import { EmbeddingTable, IndexTree } from 'kleio';
   *
   * const items = EmbeddingTable.from(Int8Array.of(9, 1, 8, 2, 1, 9, 2, 8), { dim: 2 });
   * const tree = await IndexTree.build(items);
   * const user = Float32Array.of(1, 1);
   * const all = await tree.search({ user, beam: Infinity, n: 2 });
   * const some = await tree.search({ user, beam: 1, n: 2, beams: true });
   * const { levels, items: recall } = tree.hierarchicalRecall(some, all.items);
   * console.log(levels, recall);
   * ```
   */
  hierarchicalRecall(result: Retrieved, truth: BigInt64Array): HierarchicalRecall {
    const { native } = IndexTree.#handleOf(this);
    requireBigInt64('truth', truth);
    return recallByLevel(native, requireBeams(result), copyOf(truth));
  }

  /**
   * Adds items without a new build: each goes down to the leaf that is most like it, which the two
   * divide. Batches are far cheaper than single items; changes wait for each other. Not by a handle of `fromShared`.
   *
   * A table with ids gets the items too, as `append` with `duplicates: 'last'` would add them, and histories over
   * `table` can name them at once. An id that the table has already with the same embedding keeps its row.
   *
   * @param values `[ids.length, dim]` in the table's dtype.
   * @returns the number of items added; rejects with ERR_KLEIO_DUPLICATE_ID (an id twice, or in the tree),
   * ERR_KLEIO_NOT_FINITE, ERR_KLEIO_SHAPE, ERR_KLEIO_DTYPE, ERR_KLEIO_ARGUMENT, ERR_KLEIO_RANGE,
   * ERR_KLEIO_CLOSED, ERR_KLEIO_QUEUE_FULL, ERR_KLEIO_OUT_OF_MEMORY, and then nothing has changed.
   */
  async insert(ids: BigInt64Array, values: EmbeddingValues): Promise<number> {
    const { native } = IndexTree.#handleOf(this);
    requireBigInt64('ids', ids);
    requireEmbeddings('values', values, this.dtype);
    const rows = rowsIn('values', lengthOf(values), native.dim);
    requireLength('values rows', rows, lengthOf(ids), 'id');
    const copies = [copyOf(ids), copyOf(nativeValues(values))] as const;
    return IndexTree.#change(this, (done) =>
      IndexTree.#handleOf(this).native.insert(...copies, done),
    );
  }

  /**
   * Takes items out: the sibling of a leaf takes its parent's place. Unknown ids are passed over.
   *
   * @returns the number of items removed; rejects with ERR_KLEIO_ARGUMENT, ERR_KLEIO_CLOSED,
   * ERR_KLEIO_QUEUE_FULL, ERR_KLEIO_OUT_OF_MEMORY.
   */
  async remove(ids: BigInt64Array): Promise<number> {
    IndexTree.#handleOf(this).requireOpen();
    requireBigInt64('ids', ids);
    const copy = copyOf(ids);
    return IndexTree.#change(this, (done) => IndexTree.#handleOf(this).native.remove(copy, done));
  }

  /**
   * How good the tree is as an index: depth, balance, how alike the items below its nodes are, and how
   * far it has moved since it was built.
   *
   * @example
   * ```ts
   * import { EmbeddingTable, IndexTree } from 'kleio';
   *
   * const items = EmbeddingTable.from(Int8Array.of(9, 1, 8, 2, 1, 9, 2, 8), { dim: 2 });
   * const { depth, balance, levels, drift } = await (await IndexTree.build(items)).quality();
   * console.log(depth, balance); // 2 1
   * console.log(levels.map(({ similarity }) => similarity)); // rises to 1 at the leaves
   * console.log(drift); // { inserted: 0, removed: 0, moved: 0 }
   * ```
   */
  async quality(): Promise<TreeReport> {
    const { native } = IndexTree.#handleOf(this);
    return treeReport(
      await madeOnPool<NativeTreeQuality>(undefined, (done) => native.quality(done)),
    );
  }

  /** Items in the tree. */
  get items(): number {
    return IndexTree.#handleOf(this).native.items;
  }

  /** Leaves and inner nodes. */
  get nodes(): number {
    return IndexTree.#handleOf(this).native.nodes;
  }

  /** Levels below the root. */
  get depth(): number {
    return IndexTree.#handleOf(this).native.depth;
  }

  /** Inner nodes of the build: the rows, but for the first, of a scorer's `node.embeddings`. */
  get builtInner(): number {
    return IndexTree.#handleOf(this).native.builtInner;
  }

  /** Elements of an embedding. */
  get dim(): number {
    return IndexTree.#handleOf(this).native.dim;
  }

  get dtype(): Dtype {
    return DTYPE_OF_CODE[IndexTree.#handleOf(this).native.dtype]!;
  }

  /** Bytes of native memory beside the table. */
  get byteLength(): number {
    return IndexTree.#handleOf(this).native.byteLength;
  }

  /**
   * The table that the tree was built over, or opened with, for histories over its items. Where it has ids, inserted
   * items are in it as soon as `insert` has resolved; a table without ids cannot name them.
   */
  get table(): EmbeddingTable {
    const { native } = IndexTree.#handleOf(this);
    this.#table = lentTable(this.#table, () => native.table());
    return this.#table;
  }

  /** Makes the tree unusable. Searches that run complete. */
  close(): void {
    IndexTree.#handleOf(this).close();
  }

  static #change(tree: IndexTree, begin: (done: Done<number>) => number): Promise<number> {
    const change = inTurn(tree.#changes, () => madeOnPool<number>(undefined, begin));
    tree.#changes = change;
    return change;
  }

  static #handleOf(receiver: unknown): Handle<NativeTree> {
    if (isObject(receiver) && #handle in receiver) return receiver.#handle;
    throw foreignReceiver('IndexTree', receiver);
  }

  /** `close()`, for `using`. */
  declare readonly [Symbol.dispose]: () => void;

  static {
    makeDisposable(IndexTree.prototype);
    printWith(IndexTree.prototype, 'IndexTree', [
      'items',
      'nodes',
      'depth',
      'dim',
      'dtype',
      'byteLength',
    ]);
  }
}
