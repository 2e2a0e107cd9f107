/** One user's behaviours, oldest to newest, over a table of embeddings. */

import { binding } from '../binding/binary.js';
import type { NativeHistory } from '../binding/contract/native-history.js';
import { mustBe } from '../support/errors.js';
import {
  foreignReceiver,
  Handle,
  isObject,
  keepInThread,
  makeDisposable,
} from '../support/handles.js';
import { printWith } from '../support/printed.js';
import { type EmbeddingTable, nativeTableOf } from '../tables/embedding-table.js';
import type { BehaviourField } from './behaviour-fields.js';
import { type AppendOptions, appendedWith, type Behaviours } from './behaviours.js';
import { type Answer, answerHere, answerOnPool } from './extendable.js';
import {
  buildOnPool,
  capacityIn,
  type HistoryBuildOptions,
  type HistoryOptions,
} from './history-build.js';
import {
  bytesOf,
  type FromBytesOptions,
  historyFromBytes,
  historyOnto,
  type OntoOptions,
  type ToBytesOptions,
} from './history-bytes.js';
import { type HistoryGround, type HistoryMaker, historyGroundOf } from './history-ground.js';
import { HistoryParts } from './history-parts.js';
import { type ReadBehaviours, type ReadOptions, readBehaviours } from './read-behaviours.js';
import { type Removal, removeBehaviours } from './removal.js';
import type { SearchOptions, Targets } from './search.js';
import { planSearch, type SearchedTable, searchedTable } from './search-plan.js';
import { seenItems } from './seen-items.js';

const ELSEWHERE = 'toBytes() gives what fromBytes() reads on another thread';

/** A history around a native one. */
export function historyAround(native: NativeHistory, table: SearchedTable): History {
  return new History(new HistoryParts(native, table));
}

/** The history behind an argument, as searches take it. Throws if it is no history, or closed. */
export let searchedHistoryOf: (history: unknown) => HistoryGround;

/**
 * One user's behaviours, oldest to newest.
 *
 * A behaviour has a sequence number for life: 0 for the first one ever appended, never given again, whatever is
 * appended, leaves or is removed. Its position in a search is only its place in what the search saw: `kept.first` plus
 * the position is its number. Behaviours that repeat an item share one embedding, scored once.
 *
 * A search sees the history as it was when called: what is appended meanwhile neither waits for it nor shows in
 * its result. What else a caller wants to know of the behaviours kept it asks for with `fields`; arrays kept beside a
 * history are those of another moment.
 *
 * @example
 * ```ts
 * import { EmbeddingTable, History } from 'kleio';
 *
 * const items = EmbeddingTable.from(Int8Array.of(90, 10, -80, 20, 10, 90), { dim: 2 });
 * const history = new History(items, { capacity: 100_000 });
 * history.append(Int32Array.of(0, 1, 2, 0)); // four behaviours, the last repeats item 0
 *
 * const { rows, scores } = await history.search(Int32Array.of(2), { k: 2, fields: ['rows'] });
 * console.log(rows, scores); // Int32Array [2, 0]: item 2 itself, then the newest of item 0
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
      keepInThread(this, 'History', ELSEWHERE);
      this.#handle = over.handle;
      this.#table = over.table;
      return;
    }
    const native = nativeTableOf(over);
    const capacity = capacityIn(options);
    keepInThread(this, 'History', ELSEWHERE);
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
    const searched = searchedTable(native);
    const history = await buildOnPool(searched, behaviours, options, (...build) =>
      binding().buildHistory(native, ...build),
    );
    return historyAround(history, searched);
  }

  /**
   * The history that `toBytes` wrote, on the package's own threads: with the same sequence numbers, and whatever else.
   * Plain bytes of ids are read over any table with ids and with any ranker; others where they were written.
   *
   * @param options `capacity` takes the place of the history's own.
   * @returns rejects with ERR_KLEIO_FORMAT (damage, another version), ERR_KLEIO_ARGUMENT (another table; bytes that
   * are transferred while they are read), ERR_KLEIO_RANGE, ERR_KLEIO_CLOSED, ERR_KLEIO_QUEUE_FULL,
   * ERR_KLEIO_OUT_OF_MEMORY, or the reason of an aborted `signal`.
   */
  static async fromBytes(
    over: EmbeddingTable | HistoryMaker,
    bytes: Uint8Array,
    options: FromBytesOptions = {},
  ): Promise<History> {
    const ground = historyGroundOf(over);
    return historyAround(await historyFromBytes(ground, bytes, options), ground.table);
  }

  /** Behaviours present. */
  get length(): number {
    return History.#handleOf(this).native.length;
  }

  /** Different items among them, of those that have an embedding. */
  get distinct(): number {
    return History.#handleOf(this).native.distinct;
  }

  /** Sequence number of the oldest behaviour present; `nextSequence` where there is none. */
  get firstSequence(): number {
    return History.#handleOf(this).native.firstSequence;
  }

  /** Sequence number of the behaviour that is appended next: how many were ever appended. */
  get nextSequence(): number {
    return History.#handleOf(this).native.nextSequence;
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
    native.append(...appendedWith(this.#table, behaviours, options));
  }

  /**
   * Behaviours back, oldest to newest, with their sequence numbers.
   *
   * @returns `count` behaviours, and for each of `fields` a column of them.
   * @throws ERR_KLEIO_ARGUMENT for a column that the behaviours do not have, ERR_KLEIO_RANGE,
   * ERR_KLEIO_OUT_OF_MEMORY, ERR_KLEIO_CLOSED.
   * @example
   * ```ts
   * import { EmbeddingTable, History } from 'kleio';
   *
   * const ids = BigInt64Array.of(7001n, 7002n);
   * const history = new History(EmbeddingTable.from(Int8Array.of(3, 4, -4, 3), { dim: 2, ids }), { capacity: 2 });
   * history.append(BigInt64Array.of(7001n, 7002n, 9999n));
   *
   * const page = history.read({ fields: ['ids', 'rows'], count: 10 });
   * console.log(page.sequences, page.ids, page.rows); // [1, 2] [7002n, 9999n] [1, -1]
   * ```
   */
  read<Field extends BehaviourField = never>(
    options: ReadOptions<Field> = {},
  ): ReadBehaviours<Field> {
    return readBehaviours(History.#handleOf(this).native, options) as ReadBehaviours<Field>;
  }

  /**
   * Whether a behaviour of each item is present: what a service leaves out of its candidates.
   *
   * @param items rows or ids of the table. An id that the table does not know may have been appended all the same.
   * @returns 1 or 0 for each.
   * @throws ERR_KLEIO_ARGUMENT, ERR_KLEIO_RANGE (a row outside the table), ERR_KLEIO_CLOSED.
   */
  has(items: Int32Array | BigInt64Array): Uint8Array {
    return seenItems(History.#handleOf(this).native, this.#table, items);
  }

  /**
   * Removes behaviours for good: by their items, by their sequence numbers, or all from before a time. No later search,
   * and nothing written later, has them; a search that runs already is not touched. The numbers of the others stay.
   * Numbers and items that are not there are passed over.
   *
   * @returns how many behaviours there were; all of them are gone, or, where this throws, none.
   * @throws ERR_KLEIO_ARGUMENT (not exactly one of the three; a time where behaviours have none), ERR_KLEIO_RANGE (a row
   * outside the table), ERR_KLEIO_OUT_OF_MEMORY, ERR_KLEIO_CLOSED.
   * @example
   * ```ts
   * import { EmbeddingTable, History } from 'kleio';
   *
   * const items = EmbeddingTable.from(Int8Array.of(3, 4, -4, 3), { dim: 2 });
   * const history = new History(items);
   * history.append(Int32Array.of(0, 1, 0, 1), { times: Float64Array.of(10, 20, 30, 40) });
   *
   * console.log(history.remove({ before: 20 })); // 1
   * console.log(history.remove({ items: Int32Array.of(1) })); // 2
   * console.log(history.read().sequences); // Float64Array [2]
   * ```
   */
  remove(what: Removal): number {
    return removeBehaviours(History.#handleOf(this).native, this.#table, what);
  }

  /** Forgets every behaviour. Sequence numbers go on. Searches that run already are not touched. */
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
  async search<Field extends BehaviourField = never, Extendable extends boolean = false>(
    targets: Targets | undefined,
    options: SearchOptions<Field, Extendable>,
  ): Promise<Answer<Field, Extendable>> {
    const handle = History.#openHandleOf(this);
    const answer = await answerOnPool(handle, planSearch(this.#table, targets, options));
    return answer as Answer<Field, Extendable>;
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
   * history.append(Int32Array.of(1, 0), { categories: Int32Array.of(8, 9) });
   *
   * const kept = history.searchSync(undefined, {
   *   k: 1,
   *   by: 'category',
   *   categories: Int32Array.of(8),
   * });
   * console.log(kept.positions[0]); // 0
   * ```
   */
  searchSync<Field extends BehaviourField = never, Extendable extends boolean = false>(
    targets: Targets | undefined,
    options: SearchOptions<Field, Extendable>,
  ): Answer<Field, Extendable> {
    const handle = History.#openHandleOf(this);
    const answer = answerHere(handle, planSearch(this.#table, targets, options));
    return answer as Answer<Field, Extendable>;
  }

  /**
   * The history as it is when called, as bytes that last: versioned, checksummed, and without a trace of what was
   * removed or has left. `docs/history-bytes.md` defines them.
   *
   * @returns rejects with ERR_KLEIO_ARGUMENT, ERR_KLEIO_CLOSED, ERR_KLEIO_QUEUE_FULL, ERR_KLEIO_OUT_OF_MEMORY, or the
   * reason of an aborted `signal`.
   * @example
   * ```ts
   * import { EmbeddingTable, History } from 'kleio';
   *
   * const items = EmbeddingTable.from(Int8Array.of(3, 4, -4, 3), { dim: 2, ids: BigInt64Array.of(7n, 8n) });
   * const bytes = await (await History.build(items, BigInt64Array.of(7n, 8n, 7n))).toBytes({ packed: true });
   * console.log((await History.fromBytes(items, bytes)).length); // 3
   * ```
   */
  async toBytes(options: ToBytesOptions = {}): Promise<Uint8Array> {
    return bytesOf(History.#handleOf(this).native, options);
  }

  /**
   * A second history of the same behaviours over another table, or of another ranker: how new embeddings are rolled
   * out. Ids are looked up anew; where neither table has ids the same row is taken for the same item.
   *
   * @returns rejects with ERR_KLEIO_ARGUMENT (only one of the tables has ids), ERR_KLEIO_RANGE (a row that the other
   * table lacks), and with what `toBytes` rejects with.
   */
  async onto(over: EmbeddingTable | HistoryMaker, options: OntoOptions = {}): Promise<History> {
    const { native } = History.#handleOf(this);
    const ground = historyGroundOf(over);
    return historyAround(await historyOnto(native, ground, options), ground.table);
  }

  /** Gives the memory back. Searches that run complete; whatever else is called afterwards throws. */
  close(): void {
    History.#handleOf(this).close();
  }

  static #handleOf(receiver: unknown): Handle<NativeHistory> {
    if (isObject(receiver) && #handle in receiver) return receiver.#handle;
    throw foreignReceiver('History', receiver);
  }

  static #openHandleOf(receiver: unknown): Handle<NativeHistory> {
    const handle = History.#handleOf(receiver);
    handle.requireOpen();
    return handle;
  }

  /** `close()`, for `using`. */
  declare readonly [Symbol.dispose]: () => void;

  static {
    makeDisposable(History.prototype);
    printWith(History.prototype, 'History', ['length', 'distinct', 'byteLength']);
    searchedHistoryOf = (history) => {
      if (isObject(history) && #handle in history) {
        return { native: history.#handle.native, table: history.#table };
      }
      throw mustBe('ERR_KLEIO_ARGUMENT', 'history', 'a History', history);
    };
  }
}
