/** All that is known of one GPU, in one object. */

import type { Machine } from '../../lib/bench/harness/results.js';
import type { Gpu } from './gpu.js';
import type { Outcome } from './job.js';
import type { DeviceTimes } from './printed.js';
import type { ResultsFolder } from './results-folder.js';
import { jobsOf, STAGES } from './stages.js';

export interface GpuRecord {
  readonly gpu: Gpu | null;
  readonly machine: Machine;
  readonly jobs: readonly Outcome[];
  /** By job: what it printed, parsed. Of a job that was ended early, what came before. */
  readonly lines: Readonly<Record<string, readonly object[]>>;
  readonly documents: Readonly<Record<string, object>>;
}

export function recordOf(results: ResultsFolder): GpuRecord {
  const lines: Record<string, object[]> = {};
  const documents: Record<string, object> = {};
  for (const { name, prints } of STAGES.flatMap((stage) => jobsOf(stage, ''))) {
    const output = results.output(name);
    if (output === undefined) continue;
    if (prints === 'lines') lines[name] = output.split('\n').flatMap(parsed);
    if (prints === 'document') Object.assign(documents, { [name]: parsed(output)[0] });
  }
  const { gpu, machine } = results.about as Pick<GpuRecord, 'gpu' | 'machine'>;
  return { gpu, machine, jobs: results.outcomes, lines, documents };
}

/** What search_times printed, whichever stage asked it. */
export const deviceTimesOf = ({ lines }: Pick<GpuRecord, 'lines'>): DeviceTimes[] =>
  ['split', 'split-warp', 'split-wgmma', 'kernels'].flatMap(
    (job) => (lines[job] ?? []) as DeviceTimes[],
  );

/** A line that was cut off where the job ended says nothing. */
function parsed(text: string): object[] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? [value] : [];
  } catch {
    return [];
  }
}
