/** Histories as bytes and back, and onto other tables. `docs/history-bytes.md` defines the format. */

import { binding } from '../binding/binary.js';
import type {
  NativeHistory,
  NativeHistoryBytes,
  NativeHistoryReading,
} from '../binding/contract/native-history.js';
import { filledOnPool, madeOnPool } from '../binding/pool-call.js';
import { type CallersSignal, signalOf } from '../support/abort.js';
import { nextTurn } from '../support/clock.js';
import { reading } from '../support/errors.js';
import { knownOptions, optionNames, requireBoolean } from '../support/options.js';
import { lengthOf, requireUint8 } from '../tables/views.js';
import { capacityOf, type HistoryOptions } from './history-build.js';
import type { HistoryGround } from './history-ground.js';
import { uint8Results } from './result-arrays.js';

export interface ToBytesOptions {
  /**
   * With what the history has made of its items: it comes back several times as fast, over the same table or with
   * the same ranker only. Default `false`: ids, categories and times, for any table with ids.
   */
  readonly packed?: boolean | undefined;
  /** Stops the writing: its promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface FromBytesOptions extends HistoryOptions {
  /** Stops the reading: its promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export interface OntoOptions {
  /** Stops the move: its promise rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const TO_BYTES_OPTIONS = optionNames('bytes options', ['packed', 'signal']);
const FROM_BYTES_OPTIONS = optionNames('bytes options', ['capacity', 'signal']);
const ONTO_OPTIONS = optionNames('onto options', ['signal']);

/** Measured first: memory of JavaScript that somebody fills has to be there before. */
export async function bytesOf(
  history: NativeHistory,
  options: ToBytesOptions,
): Promise<Uint8Array> {
  const { packed, signal } = reading(TO_BYTES_OPTIONS.what, () => {
    const { packed = false, signal } = knownOptions(options, TO_BYTES_OPTIONS);
    requireBoolean('packed', packed);
    return { packed, signal: signalOf(signal) };
  });
  const measured = await madeOnPool<NativeHistoryBytes>(signal, (done) =>
    history.toBytes(packed, done),
  );
  return filledOnPool(
    signal,
    () => uint8Results(measured.byteLength),
    (bytes, done) => measured.write(bytes, done),
  );
}

/**
 * The caller may write to the array, or transfer it, while the pool reads: so a copy is read. A large one is made
 * over several turns of the event loop, which waits for no other thread, and what is written to it in between shows
 * in the checksums of its sections.
 */
export async function historyFromBytes(
  ground: HistoryGround,
  bytes: Uint8Array,
  options: FromBytesOptions,
): Promise<NativeHistory> {
  const { capacity, signal } = reading(FROM_BYTES_OPTIONS.what, () => {
    const { capacity, signal } = knownOptions(options, FROM_BYTES_OPTIONS);
    return {
      capacity: capacity === undefined ? undefined : capacityOf(capacity),
      signal: signalOf(signal),
    };
  });
  requireUint8('bytes', bytes);
  signal?.throwIfAborted();
  const own = binding().beginHistoryReading(ground.native, lengthOf(bytes));
  try {
    let linking: Promise<void> | undefined;
    while (!own.take(bytes)) {
      linking ??= own.canLink ? linkedOnPool(own, signal) : undefined;
      await nextTurn();
      signal?.throwIfAborted();
    }
    await linking;
    return await madeOnPool<NativeHistory>(signal, (done) => own.read(capacity, done));
  } finally {
    own.close();
  }
}

/** While the items are copied. Whoever fails at that does not ask for it. */
function linkedOnPool(own: NativeHistoryReading, signal: CallersSignal | undefined): Promise<void> {
  const linked = madeOnPool<void>(signal, (done) => own.link(done));
  linked.catch(() => undefined);
  return linked;
}

export function historyOnto(
  history: NativeHistory,
  ground: HistoryGround,
  options: OntoOptions,
): Promise<NativeHistory> {
  const signal = reading(ONTO_OPTIONS.what, () =>
    signalOf(knownOptions(options, ONTO_OPTIONS).signal),
  );
  return madeOnPool<NativeHistory>(signal, (done) => history.onto(ground.native, done));
}
