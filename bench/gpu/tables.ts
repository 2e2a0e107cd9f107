/** What is known of a GPU, for people at a terminal. */

import type { Measurement, Report } from '../../lib/bench/harness/results.js';
import { columns, whole } from '../../lib/text/text-table.js';
import { expectationOf, wayOf } from './expectations.js';
import { deviceTimesOf, type GpuRecord } from './gpu-record.js';
import type { DeviceTimes, PeerPeak, PeerTime, Rate } from './printed.js';

export function readableRecord(record: GpuRecord): string {
  const { gpu, machine } = record;
  const lines = [
    '',
    gpu === null
      ? 'no GPU'
      : `${gpu.name}, driver ${gpu.driver}, ${gpu.memory}, ${gpu.clock}, ${gpu.power}`,
    `commit ${machine.commit}, ${machine.processor}, ${machine.cores} cores`,
    ...table('Jobs', ['', 'ended', 's', ''], jobRows(record)),
    ...table('Rates', ['', 'at best', ''], rateRows(record)),
    ...table('On the device, microseconds', DEVICE_HEADS, deviceRows(record)),
    ...table('Round trips from JavaScript, microseconds', TRIP_HEADS, tripRows(record)),
    ...COMPARED.flatMap(([title, one, other]) =>
      table(title, ['', 'p50', 'p50', 'p99', 'p99'], comparedRows(record, one, other)),
    ),
    ...table('PyTorch, microseconds of the device', PEER_HEADS, peerRows(record)),
  ];
  return `${lines.join('\n')}\n`;
}

function table(title: string, heads: readonly string[], rows: readonly string[][]): string[] {
  return rows.length === 0 ? [] : ['', title, ...columns([heads, ...rows])];
}

const jobRows = ({ jobs, machine }: GpuRecord): string[][] =>
  jobs.map(({ job, ending, seconds, reason, commit }) => [
    job,
    ending,
    seconds.toFixed(1),
    [reason?.slice(0, 60), commit === machine.commit ? '' : `at ${commit.slice(0, 7)}`]
      .filter(Boolean)
      .join(', '),
  ]);

const linesOf = <Line>({ lines }: GpuRecord, ...jobs: readonly string[]): Line[] =>
  jobs.flatMap((job) => (lines[job] ?? []) as Line[]);

function rateRows(record: GpuRecord): string[][] {
  const rates = linesOf<Rate>(record, 'rates-wgmma', 'rates');
  const peaks = linesOf<PeerPeak>(record, 'peaks');
  return [
    ...rates.map(({ probe, value, unit, skipped }) => [probe, short(value), unit ?? skipped ?? '']),
    ...peaks.map(({ name, value, unit, reason }) => {
      return [`PyTorch, ${name}`, scientific(value), unit ?? reason ?? ''];
    }),
  ];
}

const DEVICE_HEADS = [
  ...['rows', 'targets', 'k', '', 'by', 'sample', 'threshold', 'scan or append', 'select', 'all'],
  ...['cold', 'in one launch', 'expected', 'floor', ''],
];

function deviceRows(record: GpuRecord): string[][] {
  const all = deviceTimesOf(record);
  // Of what was measured twice the last; what was not measured hides nothing.
  const measured = new Map(
    all.filter(({ skipped }) => skipped === undefined).map((one) => [shapeOf(one), one]),
  );
  return [...measured.values(), ...all.filter(({ skipped }) => skipped !== undefined)].map(
    deviceRow,
  );
}

function deviceRow(one: DeviceTimes): string[] {
  const known = expectationOf(one);
  const steps = [one.sampleUs, one.thresholdUs, one.scanUs ?? one.appendUs, one.selectUs];
  return [
    ...[one.rows, one.targets, one.k].map(whole),
    one.dtype,
    wayOf(one),
    ...[...steps, one.searchUs, one.searchColdUs, one.oneLaunchUs].map(short),
    known ? known.expectedUs.join(' - ') : '-',
    short(known?.floorUs),
    one.skipped ?? '',
  ];
}

const shapeOf = (one: DeviceTimes): string =>
  [one.rows, one.targets, one.dim, one.k, one.dtype, wayOf(one)].join(' ');

const TRIP_HEADS = [
  ...['case', '', 'targets', 'behaviours', 'k', 'p50', 'p99', '× floor of mma.sync'],
  ...['× floor of the largest product', 'PyTorch float32', 'bfloat16'],
];
const TRIPS = [
  'search-int8',
  'search-bfloat16',
  'search-float32',
  'search-k-1024',
  'search-int8-lengths',
  'rank',
  'search-many',
];

function tripRows(record: GpuRecord): string[][] {
  return TRIPS.flatMap((job) => measurementsOf(record, job)).map((one) => {
    const { targets, length, dtype, k } = one.point;
    const peer = (kind: string) =>
      one.case === 'search' && k === 50 ? torchUs(record, targets, length, kind) : undefined;
    const floorMs = productFloorMs(record, one);
    return [
      one.case,
      dtype,
      ...[targets, length, k].map(whole),
      ...[one.ms.p50, one.ms.p99].map((ms) => short(ms === null ? null : 1000 * ms)),
      one.overFloor?.toFixed(1) ?? '-',
      floorMs === undefined ? '-' : (one.ms.p50 / floorMs).toFixed(1),
      ...['float32', 'bfloat16'].map((kind) => short(peer(kind))),
    ];
  });
}

/** By the largest products and copies that PyTorch showed on this GPU. */
function productFloorMs(record: GpuRecord, { work }: Measurement): number | undefined {
  const peaks = linesOf<PeerPeak>(record, 'peaks');
  const rate = (name: PeerPeak['name']) => peaks.find((one) => one.name === name)?.value;
  const [bytes, int8, bfloat16] = [rate('copy'), rate('int8 product'), rate('bfloat16 product')];
  if (!work || !bytes || !int8 || !bfloat16) return undefined;
  const seconds = (work.int8 ?? 0) / int8 + (work.float16 ?? 0) / bfloat16;
  return 1000 * Math.max(work.bytes / bytes, seconds);
}

const SEARCHES = ['torch-float32', 'torch-bfloat16', 'torch-lengths'];

function torchUs(record: GpuRecord, targets: number, length: number, dtype: string) {
  return linesOf<PeerTime>(record, ...SEARCHES).find(
    (one) => one.targets === targets && one.length === length && one.dtype === dtype,
  )?.us;
}

const COMPARED = [
  ['As a graph, and step by step, microseconds', 'search-int8', 'search-step-by-step'],
  ['As a graph, and step by step, microseconds', 'rank', 'rank-step-by-step'],
  ['In one launch, and in two, microseconds', 'search-one-launch-8', 'search-one-launch-0'],
  ['By blocks, and by lists, microseconds', 'search-int8', 'search-lists'],
  ['By blocks: a thread block, and a warp a target', 'search-int8', 'search-warp'],
  ['By lists: a thread block, and a warp a target', 'search-lists', 'search-lists-warp'],
  ['By lists: mma.sync, and wgmma', 'search-lists-warp', 'search-lists-warp-wgmma'],
] as const;

function comparedRows(record: GpuRecord, one: string, other: string): string[][] {
  const others = measurementsOf(record, other);
  return measurementsOf(record, one).flatMap(({ case: name, point, ms }) => {
    const { targets, length } = point;
    const same = others.find((a) => a.point.targets === targets && a.point.length === length);
    if (same === undefined) return [];
    const times = [ms.p50, same.ms.p50, ms.p99, same.ms.p99];
    const label = `${name}, ${whole(targets)} of ${whole(length)}`;
    return [[label, ...times.map((time) => short(time === null ? null : 1000 * time))]];
  });
}

const measurementsOf = ({ documents }: GpuRecord, job: string): readonly Measurement[] =>
  (documents[job] as Report | undefined)?.measurements ?? [];

const PEER_HEADS = ['', '', 'targets', 'behaviours', 'warm', 'cold', ''];

const peerRows = (record: GpuRecord): string[][] =>
  linesOf<PeerTime>(record, ...SEARCHES, 'torch-attention').map((one) => [
    one.peer,
    [one.dtype, one.way].filter(Boolean).join(', '),
    whole(one.targets),
    one.length === undefined ? '-' : whole(one.length),
    ...[one.us, one.coldUs].map(short),
    one.reason?.slice(0, 60) ?? '',
  ]);

const scientific = (value: number | undefined): string => value?.toExponential(2) ?? '-';

/** Three digits, as far as they say something. */
function short(value: number | null | undefined): string {
  if (value === undefined || value === null || !Number.isFinite(value) || value === 0) return '-';
  return value >= 100 ? whole(Math.round(value)) : value.toPrecision(3);
}
