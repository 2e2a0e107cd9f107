/** Measurements for people at a terminal. */

import { columns, short, whole } from '../../text/text-table.js';
import { type Axis, labelOf } from './point.js';
import type { Measurement, Report } from './results.js';
import type { PeakRecord } from './roofline.js';

const HEADER = [
  '',
  'p50 ms',
  '±',
  'p90',
  'p99',
  'p99.9',
  'outliers',
  'targets/s',
  'GOP/s',
  '× floor',
  'bound',
];

export function readableMeasurements(report: Report): string {
  const sweeps = [...new Set(report.measurements.map(({ sweep }) => sweep))];
  return [
    `kleio ${report.version} on ${report.machine.processor}, ${report.isa}, ${report.threads} threads, Node.js ${report.machine.node}`,
    `commit ${report.machine.commit}, seed ${report.seed}, load before ${report.machine.loadBefore.join(' ')}`,
    ...sweeps.flatMap((sweep) => sweepLines(sweep, report.measurements)),
    ...(sweeps.length > 0 ? LEGEND : []),
    ...peakLines(report.peaks),
    '',
  ].join('\n');
}

/** What the floors were computed from. */
function peakLines(peaks: readonly PeakRecord[]): string[] {
  if (peaks.length === 0) return [];
  const lines = peaks.map((peak) => [peakName(peak), `${(peak.perSecond / 1e9).toFixed(0)} G/s`]);
  return ['', 'Peaks, bytes or operations:', ...columns([['', 'at best'], ...lines])];
}

function peakName({ of, device, threads, bytes }: PeakRecord): string {
  const where = bytes > 0 ? ` of ${bytes / 2 ** 20} MiB` : '';
  const team = `${threads} ${threads === 1 ? 'thread' : 'threads'}`;
  return `${of}${where}, ${device === 'cpu' ? team : device}`;
}

const LEGEND = [
  '',
  '±: half the 95 % interval of the median; ? where it is wider than was asked for. -: too few calls to know.',
  '× floor: how many times the least time that this machine could take, by the peaks it showed in this run.',
];

function sweepLines(sweep: string, all: readonly Measurement[]): string[] {
  const measurements = all.filter((measurement) => measurement.sweep === sweep);
  const varied = variedAxes(measurements);
  const isas = new Set(measurements.map(({ isa }) => isa));
  const lines = measurements.map((measurement) => {
    const { point, ms, perSecond, floor, overFloor } = measurement;
    const label = labelOf(point, varied);
    const half = (ms.interval.upper - ms.interval.lower) / (ms.interval.upper + ms.interval.lower);
    return [
      isas.size > 1 ? `${measurement.isa} ${label}` : label,
      short(ms.p50),
      `${(100 * half).toFixed(1)} %${ms.precise ? '' : ' ?'}`,
      ...[ms.p90, ms.p99, ms.p999].map((value) => (value === null ? '-' : short(value))),
      `${ms.outliers.count}/${ms.calls}`,
      whole(Math.round(perSecond.targets)),
      perSecond.operations ? (perSecond.operations / 1e9).toFixed(0) : '-',
      overFloor ? overFloor.toFixed(2) : '-',
      floor?.bound ?? '-',
    ];
  });
  return [
    '',
    `${measurements[0]!.case}: ${sweep}${fixedAxes(measurements, varied)}`,
    ...columns([HEADER, ...lines]),
  ];
}

/** Those in which the measurements differ; all that differ in none would be an empty label. */
function variedAxes(measurements: readonly Measurement[]): Axis[] {
  const axes = measurements[0]!.axes;
  const varied = axes.filter(
    (axis) => new Set(measurements.map(({ point }) => point[axis])).size > 1,
  );
  return varied.length > 0 ? varied : axes.slice(0, 1);
}

function fixedAxes(measurements: readonly Measurement[], varied: readonly Axis[]): string {
  const { axes, point } = measurements[0]!;
  const fixed = axes.filter((axis) => !varied.includes(axis));
  return fixed.length === 0 ? '' : ` (${labelOf(point, fixed)})`;
}
