/** What a benchmark case is: see docs/benchmarking.md for a walk through one. */

import type * as library from '../../index.js';
import type { Axis, Point } from './point.js';
import type { Workload } from './workload.js';

/** The package under test, passed in: the gate measures two versions of it in one process. */
export type Kleio = typeof library;

export interface Setting {
  readonly kleio: Kleio;
  readonly point: Point;
  readonly workload: Workload;
}

/** The least that any program must do for this answer: what the floor is computed from. */
export interface Work {
  /** Bytes that must be read. */
  readonly bytes: number;
  /** int8 operations, two a multiply-add. */
  readonly int8?: number;
  /** float16 operations with float32 sums, likewise. */
  readonly float16?: number;
  /** float32 operations, two a multiply-add. */
  readonly float32?: number;
}

/** A case at one point, ready to be called again and again. */
export interface Prepared<Answer> {
  readonly call: () => Answer | Promise<Answer>;
  /** Throws unless the answer is right. Nothing is timed before it has passed. */
  readonly verify: (answer: Answer) => void;
  /** Absent: no floor is claimed. */
  readonly work?: Work;
  readonly close: () => void;
}

export interface BenchCase<Answer = unknown> {
  readonly name: string;
  /** One line for `kleio bench --list`. */
  readonly about: string;
  /** Axes that change what the case does; others are not swept. */
  readonly axes: readonly Axis[];
  readonly prepare: (setting: Setting) => Prepared<Answer> | Promise<Prepared<Answer>>;
}

/** Keeps the type of a case's answer between `call` and `verify`. */
export function defineCase<Answer>(benchCase: BenchCase<Answer>): BenchCase {
  return benchCase as BenchCase;
}
