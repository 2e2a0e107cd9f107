/** What scores the nodes of an index tree: weights made ready. */

import { binding } from '../binding/binary.js';
import type { NativeTreeScorer } from '../binding/contract/native-tree-scorer.js';
import { openedOnPool } from '../binding/pool-call.js';
import { openWeights, type RankerWeights } from '../rankers/ranker-weights.js';
import { mustBe, reading } from '../support/errors.js';
import {
  foreignReceiver,
  Handle,
  isObject,
  keepInThread,
  makeDisposable,
  requireHandle,
  SHARING,
} from '../support/handles.js';
import { knownOptions, optionNames } from '../support/options.js';
import { printWith } from '../support/printed.js';
import { requireToken, type SharedToken } from '../support/shared-tokens.js';
import { type Duplicates, requireDuplicates } from '../tables/duplicates.js';
import { scorerWeights } from './tree-weights.js';

export interface TreeScorerOptions {
  /** What an id on several rows of `item.ids` means: its `'first'` or its `'last'` row. Default `'error'`. */
  readonly duplicates?: Duplicates | undefined;
}

const SCORER_OPTIONS = optionNames('scorer options', ['duplicates']);

/** The native scorer behind an argument. Throws if it is none, or closed. */
export let nativeTreeScorerOf: (scorer: unknown) => NativeTreeScorer;

/**
 * The node scorer of MISS (arXiv 2508.14515): for each node the K behaviours that suit its ID embedding
 * and the K most similar to its multimodal mean, attention over both lists, and an MLP. Or, from a file
 * that says so, two towers: the inner product of a user vector with the node's embedding.
 *
 * `docs/tree.md` gives the formulas, the tensors' names and shapes and every setting.
 *
 * @example
 * ```ts
 * import { EmbeddingTable, IndexTree, TreeScorer } from 'kleio';
 *
 * const items = EmbeddingTable.from(Int8Array.of(9, 1, 8, 2, 1, 9, 2, 8), { dim: 2 });
 * const tree = await IndexTree.build(items);
 * // Two towers over embeddings of one dimension: rows 0 are for what has no embedding.
 * const scorer = await TreeScorer.open({
 *   tensors: {
 *     'item.ids': { shape: [4], values: BigInt64Array.of(0n, 1n, 2n, 3n) },
 *     'item.embeddings': { shape: [5, 1], values: Float32Array.of(0, 0.1, 0.4, 0.3, 0.2) },
 *     'node.embeddings': { shape: [4, 1], values: Float32Array.of(0, 0.4, 0.4, 0.3) },
 *   },
 *   metadata: { kind: 'two-tower' },
 * });
 * const { items: best } = await tree.search({ scorer, user: Float32Array.of(1), beam: 1, n: 2 });
 * console.log(best); // BigInt64Array [1n, 0n]: item 1, and its neighbour
 * ```
 */
export class TreeScorer {
  readonly #handle: Handle<NativeTreeScorer>;

  private constructor(handle: Handle<NativeTreeScorer>) {
    requireHandle(handle, 'a TreeScorer is made by TreeScorer.open');
    keepInThread(this, 'TreeScorer', SHARING);
    this.#handle = handle;
  }

  /**
   * Opens trained weights: a .safetensors file, which is read as `EmbeddingTable.open` reads its own, or
   * the same tensors in memory, which are copied. Everything is checked: names, element types, shapes, finite values.
   *
   * @returns rejects with ERR_KLEIO_FILE, ERR_KLEIO_FORMAT (a missing or unknown tensor, a setting),
   * ERR_KLEIO_DTYPE, ERR_KLEIO_SHAPE, ERR_KLEIO_NOT_FINITE, ERR_KLEIO_DUPLICATE_ID, ERR_KLEIO_RANGE,
   * ERR_KLEIO_ARGUMENT, ERR_KLEIO_QUEUE_FULL,
   * ERR_KLEIO_OUT_OF_MEMORY; the first call also what `devices` throws.
   */
  static async open(
    weights: string | URL | RankerWeights,
    options: TreeScorerOptions = {},
  ): Promise<TreeScorer> {
    const duplicates = reading(SCORER_OPTIONS.what, () => {
      const { duplicates = 'error' } = knownOptions(options, SCORER_OPTIONS);
      requireDuplicates(duplicates);
      return duplicates;
    });
    const native = await openWeights(weights, (source) => {
      const described = scorerWeights(source, duplicates);
      return openedOnPool<NativeTreeScorer>((done) => binding().treeScorerOpen(described, done));
    });
    return new TreeScorer(new Handle('scorer', native));
  }

  /**
   * A handle of a scorer that another thread of this process has shared: the same weights, in memory once.
   *
   * @param token what `share` of a scorer gave.
   * @throws what `EmbeddingTable.fromShared` throws.
   */
  static fromShared(token: SharedToken<'TreeScorer'>): TreeScorer {
    requireToken(token, 'TreeScorer');
    return new TreeScorer(new Handle('scorer', binding().treeScorerFromShared(token)));
  }

  /** What leads other threads of this process to this scorer, as `EmbeddingTable#share`. */
  share(): SharedToken<'TreeScorer'> {
    return TreeScorer.#handleOf(this).native.share() as SharedToken<'TreeScorer'>;
  }

  /** Elements of the user vector that a search must bring. */
  get userWidth(): number {
    return TreeScorer.#handleOf(this).native.userWidth;
  }

  /** K: behaviours kept for a node in each list; 0 of two towers, which read none. */
  get k(): number {
    return TreeScorer.#handleOf(this).native.keepTop;
  }

  /** Inner nodes that the weights have embeddings of: `builtInner` of the tree they belong to. */
  get innerNodes(): number {
    return TreeScorer.#handleOf(this).native.innerNodes;
  }

  /** Makes the scorer unusable. Searches that run complete. */
  close(): void {
    TreeScorer.#handleOf(this).close();
  }

  static #handleOf(receiver: unknown): Handle<NativeTreeScorer> {
    if (isObject(receiver) && #handle in receiver) return receiver.#handle;
    throw foreignReceiver('TreeScorer', receiver);
  }

  /** `close()`, for `using`. */
  declare readonly [Symbol.dispose]: () => void;

  static {
    makeDisposable(TreeScorer.prototype);
    printWith(TreeScorer.prototype, 'TreeScorer', ['k', 'userWidth', 'innerNodes']);
    nativeTreeScorerOf = (scorer) => {
      if (isObject(scorer) && #handle in scorer) return scorer.#handle.native;
      throw mustBe('ERR_KLEIO_ARGUMENT', 'scorer', 'a TreeScorer', scorer);
    };
  }
}
