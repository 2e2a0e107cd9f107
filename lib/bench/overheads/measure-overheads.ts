/** The overheads of a report. */

import { type BoundaryReport, measureBoundary } from './boundary.js';
import { type ConcurrencyReport, measureConcurrency } from './concurrency.js';
import { type LoopLagReport, measureLoopLag } from './loop-lag.js';
import type { OverheadSetting } from './overhead.js';
import { measurePipelines, type PipelineReport } from './pipeline.js';

export interface Overheads {
  readonly boundary: BoundaryReport;
  readonly loopLag: LoopLagReport;
  /** By length of the history. */
  readonly pipelines: readonly PipelineReport[];
  readonly concurrency: ConcurrencyReport;
}

export async function measureOverheads(setting: OverheadSetting): Promise<Overheads> {
  return {
    boundary: await measureBoundary(setting),
    loopLag: await measureLoopLag(setting),
    pipelines: await measurePipelines(setting),
    concurrency: await measureConcurrency(setting),
  };
}
