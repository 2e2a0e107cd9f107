/** What a run records: everything that a page, a table or a later run needs. */

import type { Overheads } from '../overheads/measure-overheads.js';
import type { Work } from './case.js';
import type { Axis, Point } from './point.js';
import type { Floor, PeakRecord } from './roofline.js';
import type { Interval } from './statistics.js';

export interface Latencies {
  readonly calls: number;
  /** Milliseconds; null where the sample is too small to know. */
  readonly p50: number;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly least: number;
  readonly most: number;
  /** 95 %, of the median. */
  readonly interval: Interval;
  /** Whether the interval is as narrow as was asked for. */
  readonly precise: boolean;
  /** Calls beyond the third quartile by three times the quartiles' distance. They count in everything. */
  readonly outliers: { readonly count: number; readonly largest: readonly number[] };
}

export interface Measurement {
  readonly sweep: string;
  readonly case: string;
  readonly isa: string;
  /** The axes that the case knows; the others are not recorded. */
  readonly axes: readonly Axis[];
  readonly point: Point;
  readonly ms: Latencies;
  readonly perSecond: {
    readonly calls: number;
    readonly targets: number;
    /** By the work that the floor counts; absent without one. */
    readonly bytes?: number;
    readonly operations?: number;
  };
  /** Absent where the case claims no least work. */
  readonly work?: Work;
  /** By the best peaks of the whole run. */
  readonly floor?: Floor;
  /** Median over floor: 1 is as fast as this machine can be. */
  readonly overFloor?: number;
}

export interface Machine {
  readonly date: string;
  readonly commit: string;
  readonly node: string;
  readonly platform: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  /** One, five and fifteen minutes, when the run began: what else the machine was doing. */
  readonly loadBefore: readonly number[];
}

export interface Report {
  readonly format: 1;
  readonly machine: Machine;
  readonly version: string;
  /** Relative to the package's folder. */
  readonly binary: string | null;
  readonly isa: string | null;
  readonly supportedIsas: readonly string[];
  readonly threads: number;
  readonly seed: number;
  readonly seconds: number;
  readonly peaks: readonly PeakRecord[];
  readonly measurements: readonly Measurement[];
  /** Absent where they were not measured. */
  readonly overheads?: Overheads;
}
