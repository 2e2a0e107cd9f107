/** One case at one point: prepared, verified, measured, held against the floor. */

import { evictCaches } from './caches.js';
import type { BenchCase, Kleio, Work } from './case.js';
import { latenciesOf } from './latencies.js';
import type { Point } from './point.js';
import type { Measurement } from './results.js';
import type { Demand, Roofline } from './roofline.js';
import { type Precision, sampleCalls } from './sampling.js';
import { uniformStream } from './uniform.js';
import type { Workload } from './workload.js';

export interface Bench {
  readonly kleio: Kleio;
  readonly workload: Workload;
  readonly roofline: Roofline;
  readonly precision: Precision;
}

export async function runCase(
  benchCase: BenchCase,
  sweep: string,
  point: Point,
  { kleio, workload, roofline, precision }: Bench,
): Promise<Measurement> {
  const uniform = uniformStream(workload.seed);
  const prepared = await benchCase.prepare({ kleio, point, workload });
  try {
    prepared.verify(await prepared.call());
    const cold = point.cache === 'cold';
    const before = cold ? evictCaches : undefined;
    const sample = await sampleCalls(prepared.call, precision, uniform, before);
    const ms = latenciesOf(sample, precision.relative, uniform);
    const meanSeconds = sample.reduce((sum, value) => sum + value, 0) / sample.length / 1000;
    const { work } = prepared;
    if (work) roofline.probe({ ...demandOf(point), work });
    return {
      sweep,
      case: benchCase.name,
      isa: kleio.inspect().isa ?? 'unknown',
      axes: benchCase.axes,
      point,
      ms,
      perSecond: {
        calls: 1 / meanSeconds,
        targets: point.targets / meanSeconds,
        ...(work && {
          bytes: work.bytes / meanSeconds,
          operations: operationsOf(work) / meanSeconds,
        }),
      },
      ...(work && { work }),
    };
  } finally {
    prepared.close();
  }
}

/** Once all is measured: every point against the best that the machine showed anywhere in the run. */
export function withFloors(
  measurements: readonly Measurement[],
  roofline: Roofline,
): Measurement[] {
  return measurements.map((measurement) => {
    const { work, point, ms } = measurement;
    if (work === undefined || measurement.floor) return measurement;
    const floor = roofline.floorOf({ ...demandOf(point), work });
    return floor ? { ...measurement, floor, overFloor: ms.p50 / floor.ms } : measurement;
  });
}

const operationsOf = ({ int8 = 0, float16 = 0, float32 = 0 }: Work): number =>
  int8 + float16 + float32;

/** A device reads its own memory: what the caches of the processor hold is the same to it. */
const demandOf = ({ device, threads, cache }: Point): Omit<Demand, 'work'> => ({
  ...{ device, threads },
  cold: device === 'cpu' && cache === 'cold',
});
