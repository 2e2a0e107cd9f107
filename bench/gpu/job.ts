/** What a stage consists of: commands in order, the most valuable first. */

export interface Job {
  /** Names its folder among the results. */
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Lines of JSON and one JSON document become part of the record; text stays in the results. */
  readonly prints: 'text' | 'lines' | 'document';
  /** Seconds after which it hangs. */
  readonly most: number;
  /** What some machines lack; without it the job is left out. */
  readonly needs?: Tool;
  /** If it fails, nothing after it can succeed; so it is asked every time, first. */
  readonly gate?: true;
}

export type Tool = 'compute-sanitizer' | 'ncu' | 'PyTorch with CUDA';

export type Ending =
  | 'passed'
  | 'failed'
  /** It took longer than it can where nothing hangs, or its runner was killed. */
  | 'hung'
  /** The stage ended first; what it had printed is kept, and it is done again when asked for again. */
  | 'no time'
  | 'left out';

/** How a job ended: beside its output, as `outcome.json`. */
export interface Outcome {
  readonly job: string;
  readonly ending: Ending;
  readonly seconds: number;
  readonly seed: string;
  readonly commit: string;
  readonly date: string;
  readonly reason?: string;
}

/** What says something about a job; the others say why there is nothing to say. */
export const isAnswer = ({ ending }: Outcome): boolean =>
  ending === 'passed' || ending === 'failed' || ending === 'hung';
