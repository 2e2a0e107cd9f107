/** What a process of the gate reports: pairs of neighbouring measurements of the two versions. */

export interface CasePairs {
  readonly name: string;
  /** log(head / base) of each pair, in order. */
  readonly logRatios: readonly number[];
  /** Milliseconds of a call of the base: the median. */
  readonly baseMs: number;
}

export interface ProcessReport {
  readonly cases: readonly CasePairs[];
  /** Cases that a version cannot run, and why: a new API has nothing to be compared with. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

export interface ProcessQuestion {
  /** Folders of built packages. */
  readonly base: string;
  readonly head: string;
  readonly seed: number;
  /** For each case. */
  readonly milliseconds: number;
  /** Hold the answers of both versions to the definition first. */
  readonly verify: boolean;
  /** Only these cases; absent: all. */
  readonly names?: readonly string[];
}
