/** The process: what sets it up, what it says of itself, and what ends a job. */

import type { Finished } from './done.js';

export interface NativeSettings {
  readonly makeError: (code: string, message: string) => Error;
  readonly isa: string;
  readonly threads: number;
  readonly queueCapacity: number;
  /** Of the pool's threads. */
  readonly niceness: number;
  /** How long a call waits for others, to be answered together with them; 0: not at all. */
  readonly coalescingMicroseconds: number;
  /** Most bytes of a device that histories take; 0: half of its memory. */
  readonly deviceHistoryBytes: number;
  /** Whether requests whose shape comes again go to a device as CUDA graphs. */
  readonly deviceGraphs: boolean;
  /** One of CANDIDATE_SEARCH_CODES. */
  readonly deviceSearch: number;
  /** One of APPEND_CODES. */
  readonly deviceAppend: number;
  /** Most targets of a history for which a search on a device takes one launch; 0: none. */
  readonly deviceOneLaunchTargets: number;
  /** One of SELECT_WIDTH_CODES. */
  readonly deviceSelect: number;
}

export interface NativeDescription {
  version: string;
  /** The level in use, one of `supportedIsas`. */
  isa: string;
  /** Levels that this machine can run. */
  supportedIsas: string[];
  threads: number;
  queueCapacity: number;
  /** Compiler and flags that made the binary. */
  compiler: string;
  /** Bytes of all native memory that grows with data, in use at the moment. */
  blockBytes: number;
  counters: {
    searches: number;
    targets: number;
    canonicalCompactions: number;
    fullCanonicalScans: number;
    /** Calls that were answered together with others. */
    coalesced: number;
  };
}

/** Numbers that `lib` and native code both spell, by the names of `lib`'s constants. */
export type NativeContract = Readonly<Record<string, number | Readonly<Record<string, unknown>>>>;

export interface NativeProcessBinding {
  readonly contract: NativeContract;
  /** Levels that the binary holds, lowest first. */
  readonly isas: readonly string[];
  /**
   * Once per environment, before anything else. `makeError` builds what native code throws; `threads`
   * and `queueCapacity` size the pool if this is the first environment of the process (0: default).
   */
  initialise(settings: NativeSettings): void;
  describe(): NativeDescription;
  /**
   * Ends a search or a ranking early: its `done` is called with ERR_KLEIO_ABORTED, soon, unless it has just
   * finished. The number of a job that is over is ignored.
   */
  cancel(job: number): void;
  /**
   * A job that does nothing but wait for a free place of the queue: `done` is called when one has become
   * free for it, in the order of those who wait, whatever environment they are of; or when it is cancelled.
   */
  awaitRoom(done: Finished): number;
  /** Throws ERR_KLEIO_QUEUE_FULL where the queue has no room at the moment. */
  requireRoom(): void;
  /** Whether this thread rounds to nearest, keeps subnormal numbers and traps nothing, as JavaScript has it. */
  hasStandardFloatState(): boolean;
  /** From now on it does. */
  setStandardFloatState(): void;
}
