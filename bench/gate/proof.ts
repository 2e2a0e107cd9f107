/** What a proof of the gate records, bench/results/gate.json. */

import type { Machine } from '../../lib/bench/harness/results.js';
import type { Decision } from './decide.js';
import type { Instructions } from './instructions.js';

export interface ProvenRun {
  readonly seed: number;
  readonly seconds: number;
  readonly decisions: readonly (Decision & { readonly name: string })[];
}

export interface ProvenVariant {
  /** Percent of the exact scan's calls that were made twice. */
  readonly planted: number;
  readonly runs: readonly ProvenRun[];
  readonly instructions: Instructions;
}

export interface Proof {
  readonly format: 1;
  readonly machine: Machine;
  readonly threshold: number;
  readonly variants: readonly ProvenVariant[];
}
