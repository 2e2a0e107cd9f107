/** One user's behaviours, oldest to newest, over a table of embeddings. */

import { binding } from '../binding/binary.js';
import type { Done } from '../binding/contract/done.js';
import type { NativeHistory, NativeHistoryBuild } from '../binding/contract/native-history.js';
import type { NativeTable } from '../binding/contract/native-table.js';
import { madeOnPool } from '../binding/pool-call.js';
import { signalOf } from '../support/abort.js';
import { mustBe, reading } from '../support/errors.js';
import {
  foreignReceiver,
  Handle,
  isObject,
  keepInThread,
  makeDisposable,
} from '../support/handles.js';
import { MAX_COUNT } from '../support/limits.js';
import { knownOptions, optionNames, requireInteger } from '../support/options.js';
import { printWith } from '../support/printed.js';
import { DTYPE_OF_CODE } from '../tables/dtypes.js';
import { type EmbeddingTable, nativeTableOf } from '../tables/embedding-table.js';
import { type AppendOptions, type Behaviours, nativeBehaviours } from './behaviours.js';
import type { Kept } from './kept.js';
import { searchHere, searchOnPool } from './run-search.js';
import type { SearchOptions, Targets } from './search.js';
import { planSearch, type SearchedTable, type SearchPlan } from './search-plan.js';

export interface HistoryOptions {
  /** Most behaviours kept; past it the oldest leave. Default 2^31 − 2. */
  readonly capacity?: number | undefined;
}

export interface HistoryBuildOptions extends HistoryOptions, AppendOptions {
  /** Stops the build: its promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const HISTORY_OPTIONS = optionNames('history options', ['capacity']);
const APPEND_OPTIONS = optionNames('append options', ['categories', 'times']);
const BUILD_OPTIONS = optionNames('history options', ['capacity', 'categories', 'times', 'signal']);

/** What makes a history over something else than a table of the caller's. */
class HistoryParts {
  readonly #handle: Handle<NativeHistory>;

  constructor(
    native: NativeHistory,
    readonly table: SearchedTable,
  ) {
    this.#handle = new Handle('history', native);
  }

  static is(value: unknown): value is HistoryParts {
    return isObject(value) && #handle in value;
  }

  get handle(): Handle<NativeHistory> {
    return this.#handle;
  }
}

/** A history around a native one. */
export function historyAround(native: NativeHistory, table: SearchedTable): History {
  return new History(new HistoryParts(native, table));
}

/** A history that `begin` makes on the pool of checked behaviours. */
export async function builtHistory(
  table: SearchedTable,
  behaviours: Behaviours,
  options: HistoryBuildOptions,
  begin: (...build: [...NativeHistoryBuild, done: Done<NativeHistory>]) => number,
): Promise<History> {
  const { capacity, appended, signal } = reading(BUILD_OPTIONS.what, () => {
    const { capacity, categories, times, signal } = knownOptions(options, BUILD_OPTIONS);
    return {
      capacity: capacityOf(capacity),
      appended: nativeBehaviours(table, behaviours, categories, times),
      signal: signalOf(signal),
    };
  });
  const built = await madeOnPool<NativeHistory>(signal, (done) =>
    begin(capacity, ...appended, done),
  );
  return historyAround(built, table);
}

/** The checked option. */
export function capacityOf(capacity = MAX_COUNT): number {
  requireInteger('capacity', capacity, 1, MAX_COUNT);
  return capacity;
}

const searchedTable = ({ dim, dtype, hasIds }: NativeTable): SearchedTable => ({
  dim,
  dtype: DTYPE_OF_CODE[dtype]!,
  hasIds,
});

/** The native history behind an argument. Throws if it is no history, or closed. */
export let nativeHistoryOf: (history: unknown) => NativeHistory;

/** A search of a history, checked but not begun. Throws what `search` rejects with. */
export let plannedSearchOf: (
  history: unknown,
  targets: Targets | undefined,
  options: SearchOptions,
) => { readonly native: NativeHistory; readonly plan: SearchPlan };

/**
 * One user's behaviours, oldest to newest.
 *
 * A behaviour has a position, 0 = the oldest present. Behaviours that repeat an item keep a position
 * each and share one embedding, scored once. A search sees the history as it was when called: what is
 * appended meanwhile neither waits for it nor shows in its result.
 *
 * @example
 * ```ts
 * import { EmbeddingTable, History } from 'kleio';
 *
 * const items = EmbeddingTable.from(Int8Array.of(90, 10, -80, 20, 10, 90), { dim: 2 });
 * const history = new History(items, { capacity: 100_000 });
 * history.append(Int32Array.of(0, 1, 2, 0)); // four behaviours, the last repeats item 0
 *
 * const { positions, scores } = await history.search(Int32Array.of(2), { k: 2 });
 * console.log(positions, scores); // position 2 itself, then the newest of item 0: position 3
 * history.close();
 * ```
 */
export class History {
  readonly #handle: Handle<NativeHistory>;
  readonly #table: SearchedTable;

  /**
   * @param table kept alive by this history, whether or not its own handle is closed later.
   * @throws ERR_KLEIO_CLOSED if the table is closed, ERR_KLEIO_RANGE for a capacity below 1.
   */
  constructor(table: EmbeddingTable, options?: HistoryOptions);
  /** @internal */
  constructor(parts: HistoryParts);
  constructor(over: EmbeddingTable | HistoryParts, options: HistoryOptions = {}) {
    if (HistoryParts.is(over)) {
      keepInThread(this, 'History');
      this.#handle = over.handle;
      this.#table = over.table;
      return;
    }
    const native = nativeTableOf(over);
    const capacity = reading(HISTORY_OPTIONS.what, () =>
      capacityOf(knownOptions(options, HISTORY_OPTIONS).capacity),
    );
    keepInThread(this, 'History');
    this.#table = searchedTable(native);
    this.#handle = new Handle('history', binding().createHistory(native, capacity));
  }

  /**
   * A history of many behaviours, made on the package's own threads: the event loop only copies what it
   * is given. It is what `new History` and one `append` make.
   *
   * @returns rejects with what the constructor and `append` throw, ERR_KLEIO_QUEUE_FULL,
   * ERR_KLEIO_OUT_OF_MEMORY, or the reason of an aborted `signal`.
   * @example
   * ```ts
   * import { EmbeddingTable, History } from 'kleio';
   *
   * const items = EmbeddingTable.from(Int8Array.of(3, 4, -4, 3), { dim: 2 });
   * const history = await History.build(items, Int32Array.of(0, 1, 1), {
   *   times: Float64Array.of(1000, 2000, 3000),
   *   signal: AbortSignal.timeout(1000),
   * });
   * console.log(history.length, history.distinct); // 3 2
   * ```
   */
  static async build(
    table: EmbeddingTable,
    behaviours: Behaviours,
    options: HistoryBuildOptions = {},
  ): Promise<History> {
    const native = nativeTableOf(table);
    return builtHistory(searchedTable(native), behaviours, options, (...build) =>
      binding().buildHistory(native, ...build),
    );
  }

  /** Behaviours present. */
  get length(): number {
    return History.#handleOf(this).native.length;
  }

  /** Different items among them, of those that have an embedding. */
  get distinct(): number {
    return History.#handleOf(this).native.distinct;
  }

  /** Bytes of native memory; `docs/memory.md` gives the formula. */
  get byteLength(): number {
    return History.#handleOf(this).native.byteLength;
  }

  /**
   * Appends behaviours, oldest first; all are checked before the first is appended. (Memory that runs out
   * on the way leaves those before appended.) A row of −1 or an unknown id is a behaviour without an
   * embedding: it has a position and no search by embedding ever keeps it.
   *
   * `categories` and `times` are given by every append or by none of a history.
   *
   * @throws ERR_KLEIO_RANGE (a row outside the table, a time that is not finite), ERR_KLEIO_SHAPE
   * (lengths that differ, categories or times missing or new), ERR_KLEIO_ARGUMENT, ERR_KLEIO_CLOSED.
   * @example
   * ```ts
   * import { EmbeddingTable, History } from 'kleio';
   *
   * const ids = BigInt64Array.of(7001n, 7002n);
   * const items = EmbeddingTable.from(Int8Array.of(3, 4, -4, 3), { dim: 2, ids });
   * const history = new History(items);
   * history.append(BigInt64Array.of(7002n, 9999n, 7001n), {
   *   categories: Int32Array.of(1, 1, 2),
   *   times: Float64Array.of(1000, 2000, 3000),
   * });
   * console.log(history.length, history.distinct); // 3 2: id 9999 is unknown
   * ```
   */
  append(behaviours: Behaviours, options: AppendOptions = {}): void {
    const { native } = History.#handleOf(this);
    const appended = reading(APPEND_OPTIONS.what, () => {
      const { categories, times } = knownOptions(options, APPEND_OPTIONS);
      return nativeBehaviours(this.#table, behaviours, categories, times);
    });
    native.append(...appended);
  }

  /** Forgets every behaviour. Searches that run already are not touched. */
  clear(): void {
    History.#handleOf(this).native.clear();
  }

  /**
   * Keeps the `k` best behaviours for each target, exactly, on the package's own threads.
   *
   * Order: score descending, then the more recent behaviour. Positions and scores are the same bits
   * for every instruction set, thread count and batch split.
   *
   * @param targets rows, ids or embeddings, copied when called; `undefined` for `by: 'category'`.
   * @returns rejects with ERR_KLEIO_ARGUMENT, ERR_KLEIO_SHAPE, ERR_KLEIO_DTYPE, ERR_KLEIO_RANGE,
   * ERR_KLEIO_NOT_FINITE (a target embedding), ERR_KLEIO_CLOSED, ERR_KLEIO_QUEUE_FULL,
   * ERR_KLEIO_OUT_OF_MEMORY, or the reason of an aborted `signal`.
   * @example
   * ```ts
   * import { EmbeddingTable, History } from 'kleio';
   *
   * const items = EmbeddingTable.from(Float32Array.of(1, 0, 0.8, 0.6, 0, 1), { dim: 2 });
   * const history = new History(items);
   * history.append(Int32Array.of(0, 1, 2, 1));
   *
   * const kept = await history.search(Float32Array.of(0.6, 0.8), {
   *   k: 3,
   *   minScore: 0.7,
   *   distinct: true,
   *   signal: AbortSignal.timeout(1000),
   * });
   * console.log(kept.positions); // 3 (item 1 at its newest place), 2, then -1: nothing else reaches 0.7
   * ```
   */
  async search(targets: Targets | undefined, options: SearchOptions): Promise<Kept> {
    const { native } = History.#handleOf(this);
    return searchOnPool(native, planSearch(this.#table, targets, options));
  }

  /**
   * The same on the calling thread, with the pool's help where the work is worth it. For small
   * histories and for callers that own their thread: it blocks the event loop.
   *
   * @throws what `search` rejects with.
   * @example
   * ```ts
   * import { EmbeddingTable, History } from 'kleio';
   *
   * const items = EmbeddingTable.from(Int8Array.of(3, 4, -4, 3), { dim: 2 });
   * const history = new History(items);
   * history.append(1, { categories: Int32Array.of(8) });
   * history.append(0, { categories: Int32Array.of(9) });
   *
   * const kept = history.searchSync(undefined, {
   *   k: 1,
   *   by: 'category',
   *   categories: Int32Array.of(8),
   * });
   * console.log(kept.positions[0]); // 0
   * ```
   */
  searchSync(targets: Targets | undefined, options: SearchOptions): Kept {
    const { native } = History.#handleOf(this);
    return searchHere(native, planSearch(this.#table, targets, options));
  }

  /** Gives the memory back. Searches that run complete; whatever else is called afterwards throws. */
  close(): void {
    History.#handleOf(this).close();
  }

  static #handleOf(receiver: unknown): Handle<NativeHistory> {
    if (isObject(receiver) && #handle in receiver) return receiver.#handle;
    throw foreignReceiver('History', receiver);
  }

  /** `close()`, for `using`. */
  declare readonly [Symbol.dispose]: () => void;

  static {
    makeDisposable(History.prototype);
    printWith(History.prototype, 'History', ['length', 'distinct', 'byteLength']);
    const required = (history: unknown): History => {
      if (isObject(history) && #handle in history) return history;
      throw mustBe('ERR_KLEIO_ARGUMENT', 'history', 'a History', history);
    };
    nativeHistoryOf = (history) => required(history).#handle.native;
    plannedSearchOf = (history, targets, options) => {
      const owner = required(history);
      return {
        native: owner.#handle.native,
        plan: planSearch(owner.#table, targets, options),
      };
    };
  }
}
