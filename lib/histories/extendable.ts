/** Searches that are asked again: the answer, and what it needs to be extended. */

import type { NativeExtendableSearch, NativeHistory } from '../binding/contract/native-history.js';
import { filledOnPool } from '../binding/pool-call.js';
import { type CallersSignal, signalOf } from '../support/abort.js';
import { codedError, reading } from '../support/errors.js';
import { foreignReceiver, type Handle, isObject } from '../support/handles.js';
import { knownOptions, optionNames } from '../support/options.js';
import { type BehaviourField, NO_FIELDS, nativeFieldsOf } from './behaviour-fields.js';
import { type Kept, type KeptShape, keptFor } from './kept.js';
import {
  type AnyKept,
  nativeKeptOf,
  nativeSearchOf,
  searchHere,
  searchOnPool,
} from './run-search.js';
import type { SearchPlan } from './search-plan.js';

export interface ExtendOptions {
  /** Stops the search: its promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * What was kept, of a search that can be asked again: a user looks at more items, and the same candidates are ranked
 * anew. Its own properties are those of `Kept`, so that a copy or a structured clone of it is plain data.
 *
 * What it needs to be extended (targets, options and what was kept last) all answers of one search share; it goes
 * with them, or when their history is closed.
 *
 * @example
 * ```ts
 * import { EmbeddingTable, History } from 'kleio';
 *
 * const items = EmbeddingTable.from(Int8Array.of(3, 4, -4, 3, 4, 3), { dim: 2 });
 * const history = new History(items);
 * history.append(Int32Array.of(0, 1, 1));
 *
 * let kept = await history.search(Int32Array.of(2), { k: 2, extendable: true });
 * console.log(kept.positions); // Int32Array [0, 2]
 * history.append(Int32Array.of(2));
 * kept = await kept.extend();
 * console.log(kept.positions, kept.scores[0]); // Int32Array [3, 0], 1
 * ```
 */
export type ExtendableKept<Field extends BehaviourField = never> = Kept<Field> & {
  /**
   * The same search, of the history as it is now: the bits that `history.search` with the same targets and options
   * would give, and extendable in its turn. Only what was appended since the search was last asked is scored; a
   * target of whose behaviours one has left is searched anew, and so are all once very much was appended. Ids
   * of targets and of `exclude` mean the rows to which they led at the first asking.
   *
   * What takes microseconds is done in the call itself, the rest on the package's own threads.
   *
   * @returns a new answer, with arrays of its own. Rejects with ERR_KLEIO_CLOSED after `history.close()`,
   * ERR_KLEIO_ARGUMENT where the behaviours have lost the times or categories that it asks of them,
   * ERR_KLEIO_QUEUE_FULL, ERR_KLEIO_OUT_OF_MEMORY, or the reason of an aborted `signal`.
   */
  extend(options?: ExtendOptions): Promise<ExtendableKept<Field>>;
  /**
   * The same on the calling thread.
   *
   * @throws what `extend` rejects with.
   */
  extendSync(): ExtendableKept<Field>;
};

/** What a search answers, by what it asked for. */
export type Answer<
  Field extends BehaviourField,
  Extendable extends boolean,
> = Extendable extends true ? ExtendableKept<Field> : Kept<Field>;

const { assign } = Object;

const EXTEND_OPTIONS = optionNames('extend options', ['signal']);

/** The answer of a planned search, made on the calling thread. */
export function answerHere(history: Handle<NativeHistory>, plan: SearchPlan): AnyKept {
  if (!plan.extendable) return searchHere(history.native, plan);
  plan.signal?.throwIfAborted();
  return new ExtendableSearch(history, plan).answerHere();
}

/** The same, made on the pool. */
export function answerOnPool(history: Handle<NativeHistory>, plan: SearchPlan): Promise<AnyKept> {
  if (!plan.extendable) return searchOnPool(history.native, plan);
  return answeredOnPool(plan.signal, () => new ExtendableSearch(history, plan));
}

/** For calls that have nothing to extend. */
export function refuseExtendable(plan: SearchPlan): SearchPlan {
  if (!plan.extendable) return plan;
  throw codedError(
    'ERR_KLEIO_ARGUMENT',
    'extendable belongs to the searches of one history: ask history.search',
  );
}

/** The search is made in the turn in which it sees its history. */
async function answeredOnPool(
  signal: CallersSignal | undefined,
  makeSearch: () => ExtendableSearch,
): Promise<AnyKept> {
  const { search, kept, first } = await filledOnPool(
    signal,
    () => makeSearch().begin(),
    ({ search, kept }, done) => search.native.search(...nativeKeptOf(search.shape, kept), done),
  );
  return new ExtendableAnswer(search, kept, first);
}

/** One search, as all of its answers share it. */
class ExtendableSearch {
  readonly #history: Handle<NativeHistory>;
  readonly #native: NativeExtendableSearch;
  readonly shape: KeptShape;

  constructor(history: Handle<NativeHistory>, plan: SearchPlan) {
    const { count, k, fields } = plan;
    this.#history = history;
    this.shape = { count, k, fields };
    this.#native = history.native.extendable(...nativeSearchOf(plan));
  }

  get native(): NativeExtendableSearch {
    return this.#native;
  }

  begin() {
    const { firstSequence: first } = this.#history.native;
    return { search: this, kept: keptFor(this.shape, first), first };
  }

  answerHere(): ExtendableAnswer {
    this.#history.requireOpen();
    const kept = keptFor(this.shape, 0);
    const first = this.#native.searchSync(kept.positions, kept.scores, this.#fieldsOf(kept));
    return new ExtendableAnswer(this, kept, first);
  }

  #fieldsOf(kept: AnyKept) {
    return nativeFieldsOf(this.shape.fields, kept);
  }

  async extended(signal: CallersSignal | undefined): Promise<AnyKept> {
    this.#history.requireOpen();
    signal?.throwIfAborted();
    const kept = keptFor(this.shape, 0);
    const first = this.#native.searchBriefly(kept.positions, kept.scores, this.#fieldsOf(kept));
    if (first >= 0) return new ExtendableAnswer(this, kept, first);
    return answeredOnPool(signal, () => this);
  }
}

/** Its own enumerable properties are those of every answer, so that a copy or a clone is plain data. */
class ExtendableAnswer {
  readonly count: number;
  readonly k: number;
  readonly first: number;
  readonly positions: Int32Array;
  readonly scores: Float32Array;
  readonly #search: ExtendableSearch;

  constructor(search: ExtendableSearch, kept: AnyKept, first: number) {
    this.count = kept.count;
    this.k = kept.k;
    this.first = first;
    this.positions = kept.positions;
    this.scores = kept.scores;
    const { fields } = search.shape;
    if (fields !== NO_FIELDS) {
      for (const field of fields) assign(this, { [field]: kept[field] });
    }
    this.#search = search;
  }

  async extend(options: ExtendOptions = {}): Promise<AnyKept> {
    const search = ExtendableAnswer.#searchOf(this);
    const signal = reading(EXTEND_OPTIONS.what, () =>
      signalOf(knownOptions(options, EXTEND_OPTIONS).signal),
    );
    return search.extended(signal);
  }

  extendSync(): AnyKept {
    return ExtendableAnswer.#searchOf(this).answerHere();
  }

  static #searchOf(receiver: unknown): ExtendableSearch {
    if (isObject(receiver) && #search in receiver) return receiver.#search;
    throw foreignReceiver('an extendable answer', receiver);
  }
}
