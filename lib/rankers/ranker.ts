/** The released MUSE ranker: from a history and candidates to click probabilities. */

import { binding } from '../binding/binary.js';
import type { NativeRanker } from '../binding/contract/native-ranker.js';
import { type Device, type DeviceName, deviceIndex, deviceName } from '../binding/devices.js';
import { openedOnPool } from '../binding/pool-call.js';
import type { BehaviourField, FieldsOf } from '../histories/behaviour-fields.js';
import type { AppendOptions } from '../histories/behaviours.js';
import { type History, historyAround } from '../histories/history.js';
import { buildOnPool, capacityOf, type HistoryBuildOptions } from '../histories/history-build.js';
import { makesHistories } from '../histories/history-ground.js';
import { type ManyOptions, plannedMany } from '../histories/many.js';
import { type SearchedTable, searchedTable } from '../histories/search-plan.js';
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
import { type EmbeddingTable, lentTable } from '../tables/embedding-table.js';
import { requireBigInt64 } from '../tables/views.js';
import { museWeights } from './muse-weights.js';
import { openWeights, type RankerWeights } from './ranker-weights.js';
import {
  DEFAULT_RANKING,
  planRanking,
  RANKING_OPTIONS,
  type Ranking,
  type RankingDefaults,
  type RankingOptions,
  type RankRequest,
  rankingDefaults,
} from './ranking.js';
import { rankHere, rankManyOnPool, rankOnPool } from './run-ranking.js';

/** Where a ranker ranks, and options that hold for its rankings where they say nothing else. */
export interface RankerOptions extends RankingOptions {
  /** Default `'cpu'`. */
  readonly device?: Device | undefined;
  /**
   * What an id means that `scl_embedding_table.keys` gives to several rows: its `'first'` or its `'last'` row, as
   * in a dictionary that is filled in order. Default `'error'`: such a model is refused.
   */
  readonly duplicates?: Duplicates | undefined;
}

export interface RankerHistoryOptions extends AppendOptions {
  /** Most behaviours kept; past it the oldest leave. Default 2^31 − 2. */
  readonly capacity?: number | undefined;
}

const RANKER_OPTIONS = optionNames('ranker options', [...RANKING_OPTIONS, 'device', 'duplicates']);
const HISTORY_OPTIONS = optionNames('history options', ['categories', 'times', 'capacity']);

const similarityTable = ({ dim, dtype }: NativeRanker): SearchedTable =>
  searchedTable({ dim, dtype, hasIds: true });

/** One request of many. */
type ManyRequest = Omit<RankRequest<BehaviourField>, 'signal'>;

/** What each of many requests answers: a tuple for a tuple. */
export type RankingOfEach<Requests extends readonly ManyRequest[]> = {
  -readonly [Index in keyof Requests]: Ranking<FieldsOf<Requests[Index]>>;
};

/** The native ranker behind a ranker. Throws if it is none, or closed. */
export let nativeRankerOf: (ranker: unknown) => NativeRanker;

/**
 * The MUSE ranker as its authors released it (`MUSE_DIN`, arXiv 2512.07216): exact search of the whole
 * history, SimTier, semantic-aware target attention, attention over the recent behaviours, and the
 * tower, in one fused pass.
 *
 * @example
 * ```ts
 * import { Ranker } from 'kleio';
 *
 * const ranker = await Ranker.open('muse.safetensors');
 * const history = ranker.history(BigInt64Array.of(11n, 12n, 13n), {
 *   categories: BigInt64Array.of(1n, 1n, 2n),
 * });
 * const { probabilities, kept } = await ranker.rank({
 *   history,
 *   user: BigInt64Array.of(7n, 1n, 2n, 3n, 4n, 5n),
 *   candidates: {
 *     items: BigInt64Array.of(12n, 14n),
 *     categories: BigInt64Array.of(1n, 2n),
 *     cities: BigInt64Array.of(3n, 3n),
 *     provinces: BigInt64Array.of(1n, 1n),
 *   },
 * });
 * console.log(probabilities); // of a click on each candidate
 * console.log(kept.positions.length); // 2 candidates times ranker.k behaviours
 * ```
 */
export class Ranker {
  readonly #handle: Handle<NativeRanker>;
  readonly #defaults: RankingDefaults;
  readonly #device: number;
  #table: EmbeddingTable | undefined;

  private constructor(handle: Handle<NativeRanker>) {
    requireHandle(handle, 'a Ranker is made by Ranker.open');
    keepInThread(this, 'Ranker', SHARING);
    this.#handle = handle;
    const { defaults, keepTop, device } = handle.native;
    const said: RankingDefaults = JSON.parse(defaults);
    this.#defaults = { ...said, k: said.k || keepTop };
    this.#device = device;
    makesHistories(this, () => {
      const { native } = handle;
      return { table: similarityTable(native), native: native.createHistory(1) };
    });
  }

  /**
   * Opens a trained model: one .safetensors file under the release's own tensor names
   * (`docs/model.md` lists them; `docs/export_muse.py` writes it), which is read as `EmbeddingTable.open`
   * reads its own, or the same tensors in memory, which are copied.
   *
   * Sizes come from the tensors and the metadata `keep_top`, `short_steps`, and optionally `tier_width`
   * (0.1) and `attention_scale` (1). Everything is checked: names, element types, shapes, finite values,
   * ascending ids.
   *
   * @returns rejects with ERR_KLEIO_FILE, ERR_KLEIO_FORMAT (a missing or unknown tensor, ids that do not
   * ascend, a setting), ERR_KLEIO_DTYPE, ERR_KLEIO_SHAPE, ERR_KLEIO_NOT_FINITE (naming tensor, row and
   * column), ERR_KLEIO_DUPLICATE_ID, ERR_KLEIO_RANGE, ERR_KLEIO_ARGUMENT, ERR_KLEIO_DEVICE,
   * ERR_KLEIO_QUEUE_FULL, ERR_KLEIO_OUT_OF_MEMORY; the first call also what `devices` throws.
   */
  static async open(
    weights: string | URL | RankerWeights,
    options: RankerOptions = {},
  ): Promise<Ranker> {
    const { index, duplicates, defaults } = reading(RANKER_OPTIONS.what, () => {
      const known = knownOptions(options, RANKER_OPTIONS);
      const { device = 'cpu', duplicates = 'error' } = known;
      const index = deviceIndex(device);
      requireDuplicates(duplicates);
      return { index, duplicates, defaults: rankingDefaults(known, DEFAULT_RANKING) };
    });
    const said = JSON.stringify(defaults);
    const native = await openWeights(weights, (source) => {
      const described = museWeights(source, duplicates);
      return openedOnPool<NativeRanker>((done) =>
        binding().rankerOpen(described, index, said, done),
      );
    });
    return new Ranker(new Handle('ranker', native));
  }

  /**
   * A handle of a ranker that another thread of this process has shared: the same model, in memory once, with
   * the options that it was opened with. Rankings of all threads take part in what `KLEIO_COALESCE` gathers. A
   * history belongs to the thread that made it, and any handle of the same ranker there ranks with it.
   *
   * @param token what `share` of a ranker gave.
   * @throws what `EmbeddingTable.fromShared` throws.
   * @example
   * ```ts
   * import { once } from 'node:events';
   * import { isMainThread, Worker, workerData } from 'node:worker_threads';
   * import { Ranker } from 'kleio';
   *
   * if (isMainThread) {
   *   const ranker = await Ranker.open('muse.safetensors', { k: 10 });
   *   const workers = [1, 2, 3].map(
   *     () => new Worker(new URL(import.meta.url), { workerData: ranker.share() }),
   *   );
   *   await Promise.all(workers.map((worker) => once(worker, 'exit')));
   * } else {
   *   const ranker = Ranker.fromShared(workerData);
   *   const history = ranker.history(BigInt64Array.of(11n, 12n, 13n));
   *   console.log(ranker.k, history.length); // 10 3
   * }
   * ```
   */
  static fromShared(token: SharedToken<'Ranker'>): Ranker {
    requireToken(token, 'Ranker');
    return new Ranker(new Handle('ranker', binding().rankerFromShared(token)));
  }

  /** What leads other threads of this process to this ranker, as `EmbeddingTable#share`. */
  share(): SharedToken<'Ranker'> {
    return Ranker.#handleOf(this).native.share() as SharedToken<'Ranker'>;
  }

  /** Behaviours kept for a candidate where a ranking says nothing else: the model's `keep_top`, or the option of `open`. */
  get k(): number {
    Ranker.#handleOf(this).requireOpen();
    return this.#defaults.k;
  }

  /** Where this ranker ranks. */
  get device(): DeviceName {
    Ranker.#handleOf(this).requireOpen();
    return deviceName(this.#device);
  }

  /**
   * A user's history to rank with: an ordinary `History` over the model's similarity table, whose
   * appends (of ids only) also look up the model's embeddings.
   *
   * As in the release, an unknown item or category has the embedding of padding, and an item without a
   * similarity row is never kept. Without `categories` they are all unknown.
   *
   * @param ids items, oldest to newest; appended as by `History.append`.
   * @throws what `History.append` throws, ERR_KLEIO_CLOSED.
   */
  history(ids: BigInt64Array, options: RankerHistoryOptions = {}): History {
    const { native } = Ranker.#handleOf(this);
    const { capacity, categories, times } = reading(HISTORY_OPTIONS.what, () => {
      const { capacity, categories, times } = knownOptions(options, HISTORY_OPTIONS);
      return { capacity: capacityOf(capacity), categories, times };
    });
    requireBigInt64('ids', ids);
    const history = historyAround(native.createHistory(capacity), similarityTable(native));
    history.append(ids, { categories, times });
    return history;
  }

  /**
   * The same on the package's own threads: the event loop only copies what it is given. For a service
   * that builds a user's history while it looks for candidates.
   *
   * @returns rejects with what `history` throws, ERR_KLEIO_QUEUE_FULL, ERR_KLEIO_OUT_OF_MEMORY, or the
   * reason of an aborted `signal`.
   * @example
   * ```ts
   * import { Ranker } from 'kleio';
   *
   * const ranker = await Ranker.open('muse.safetensors');
   * const building = ranker.buildHistory(BigInt64Array.of(11n, 12n, 13n), {
   *   categories: BigInt64Array.of(1n, 1n, 2n),
   * });
   * const items = await Promise.resolve(BigInt64Array.of(12n, 14n)); // the matching stage, meanwhile
   * const history = await building;
   * console.log(items.length, history.length); // 2 3
   * ```
   */
  async buildHistory(ids: BigInt64Array, options: HistoryBuildOptions = {}): Promise<History> {
    const { native } = Ranker.#handleOf(this);
    requireBigInt64('ids', ids);
    const table = similarityTable(native);
    const history = await buildOnPool(table, ids, options, (...build) =>
      native.buildHistory(...build),
    );
    return historyAround(history, table);
  }

  /**
   * The click probability of each candidate, on the package's own threads.
   *
   * Everything in the request is copied when called, the history as it is then. Probabilities are the
   * same bits for every thread count and however candidates are split over requests; across
   * instruction sets they agree to 1e-6.
   *
   * @returns rejects with ERR_KLEIO_ARGUMENT (a history that another ranker made, or none),
   * ERR_KLEIO_SHAPE (lengths that differ, a user of another width), ERR_KLEIO_RANGE, ERR_KLEIO_CLOSED,
   * ERR_KLEIO_QUEUE_FULL, ERR_KLEIO_OUT_OF_MEMORY, or the reason of an aborted `signal`.
   */
  async rank<Field extends BehaviourField = never>(
    request: RankRequest<Field>,
  ): Promise<Ranking<Field>> {
    const { native } = Ranker.#handleOf(this);
    const ranking = await rankOnPool(native, planRanking(request, this.#defaults));
    return ranking as Ranking<Field>;
  }

  /**
   * Ranks for many users as one piece of work: it takes one place in the queue and one turn of the event
   * loop, and its parts are divided among the threads.
   *
   * @param requests each as `rank` would take it, without a signal. One that is wrong makes all of them
   * be refused.
   * @returns what each would give alone, the same bits, in the same order. Rejects with what `rank`
   * rejects with, naming the request, or with the reason of an aborted `signal`.
   * @example
   * ```ts
   * import { Ranker } from 'kleio';
   *
   * const ranker = await Ranker.open('muse.safetensors');
   * const candidates = {
   *   items: BigInt64Array.of(12n, 14n),
   *   categories: BigInt64Array.of(1n, 2n),
   *   cities: BigInt64Array.of(3n, 3n),
   *   provinces: BigInt64Array.of(1n, 1n),
   * };
   * const users = [
   *   { history: ranker.history(BigInt64Array.of(11n)), user: BigInt64Array.of(7n, 1n, 2n, 3n, 4n, 5n) },
   *   { history: ranker.history(BigInt64Array.of(12n)), user: BigInt64Array.of(8n, 1n, 2n, 3n, 4n, 5n) },
   * ];
   * const rankings = await ranker.rankMany(users.map((user) => ({ ...user, candidates })));
   * console.log(rankings.map(({ probabilities }) => probabilities));
   * ```
   */
  async rankMany<const Requests extends readonly ManyRequest[]>(
    requests: Requests,
    options: ManyOptions = {},
  ): Promise<RankingOfEach<Requests>> {
    const { native } = Ranker.#handleOf(this);
    const { signal, plans } = plannedMany('requests', requests, options, (request) =>
      planRanking(request, this.#defaults),
    );
    return (await rankManyOnPool(native, plans, signal)) as RankingOfEach<Requests>;
  }

  /**
   * `rank` on the calling thread, with the pool's help where the work is worth it: it blocks the
   * event loop. `signal` is looked at once, before it starts.
   *
   * @throws what `rank` rejects with.
   */
  rankSync<Field extends BehaviourField = never>(request: RankRequest<Field>): Ranking<Field> {
    const { native } = Ranker.#handleOf(this);
    return rankHere(native, planRanking(request, this.#defaults)) as Ranking<Field>;
  }

  /**
   * The model's similarity table (`scl_embedding_table`): items appended to it are found in this ranker's histories
   * and ranked as candidates from the next call on. Their own item embedding is the padding's, as in the release, which
   * gives it to all items that the model was not trained with. Closing one leaves the other as it is.
   *
   * @example
   * ```ts
   * import { Ranker } from 'kleio';
   *
   * const { table } = await Ranker.open('muse.safetensors');
   * const known = BigInt64Array.of(11n);
   * table.append(table.read(known), { ids: BigInt64Array.of(900_001n) }); // a twin of item 11
   * ```
   */
  get table(): EmbeddingTable {
    const { native } = Ranker.#handleOf(this);
    this.#table = lentTable(this.#table, () => native.table());
    return this.#table;
  }

  /** Makes the ranker unusable. Its histories live on, rankings in flight complete. */
  close(): void {
    Ranker.#handleOf(this).close();
  }

  static #handleOf(receiver: unknown): Handle<NativeRanker> {
    if (isObject(receiver) && #handle in receiver) return receiver.#handle;
    throw foreignReceiver('Ranker', receiver);
  }

  /** `close()`, for `using`. */
  declare readonly [Symbol.dispose]: () => void;

  static {
    makeDisposable(Ranker.prototype);
    printWith(Ranker.prototype, 'Ranker', ['k', 'device']);
    nativeRankerOf = (ranker) => {
      if (isObject(ranker) && #handle in ranker) return ranker.#handle.native;
      throw mustBe('ERR_KLEIO_ARGUMENT', 'ranker', 'a Ranker', ranker);
    };
  }
}
