/** The result of an evaluation, for people. */

import { columns, whole } from '../text/text-table.js';

export interface EvaluationReport {
  readonly version: string;
  readonly ran: { readonly isa: string | null; readonly threads: number; readonly node: string };
  readonly data: { readonly path: string; readonly split: string; readonly parts: number };
  readonly model: { readonly path: string; readonly k: number; readonly lifelong: string };
  readonly samples: number;
  readonly clicked: number;
  /** One for each user with samples. */
  readonly requests: number;
  readonly usersWithoutFeatures: number;
  /** Samples whose item has no features. */
  readonly samplesWithoutItem: number;
  /** Rows of features that did not count, for their user or item had one before. */
  readonly repeatedRows: number;
  /** null where no pair of a clicked and an unclicked sample exists. */
  readonly auc: number | null;
  readonly gauc: number | null;
  readonly usersWithBothLabels: number;
  /** While ranking: reading the files is not counted. */
  readonly requestsPerSecond: number | null;
  readonly latencyMs: {
    readonly p50: number | null;
    readonly p90: number | null;
    readonly p99: number | null;
    readonly max: number | null;
  };
  /** With reading the files. */
  readonly elapsedSeconds: number;
}

export function readableEvaluation(report: EvaluationReport): string {
  const { data, model, ran, latencyMs } = report;
  const clicked = ((100 * report.clicked) / Math.max(1, report.samples)).toFixed(1);
  return [
    `kleio ${report.version}: quality of a ranking`,
    '',
    `data      ${data.path}, ${data.split}: ${whole(report.samples)} samples, ${clicked} % clicked`,
    `model     ${model.path}, ${model.lifelong}, k = ${model.k}`,
    `ran on    ${ran.isa}, ${ran.threads} threads, Node.js ${ran.node}`,
    ...unknownLines(report),
    ...repeatedLines(report),
    '',
    `AUC       ${shown(report.auc, 6)}`,
    `GAUC      ${shown(report.gauc, 6)} over ${whole(report.usersWithBothLabels)} users with both labels`,
    '',
    `${whole(report.requests)} requests, one for each user, in ${report.elapsedSeconds.toFixed(1)} s with reading; latency in milliseconds:`,
    ...columns([
      ['requests/s', 'p50', 'p90', 'p99', 'max'],
      [
        shown(report.requestsPerSecond, 0),
        ...[latencyMs.p50, latencyMs.p90, latencyMs.p99, latencyMs.max].map((ms) => shown(ms, 3)),
      ],
    ]),
    '',
  ].join('\n');
}

function unknownLines({ usersWithoutFeatures, samplesWithoutItem }: EvaluationReport): string[] {
  if (usersWithoutFeatures === 0 && samplesWithoutItem === 0) return [];
  return [
    `unknown   ${whole(usersWithoutFeatures)} users and the items of ${whole(samplesWithoutItem)} samples have no features`,
  ];
}

function repeatedLines({ repeatedRows }: EvaluationReport): string[] {
  if (repeatedRows === 0) return [];
  return [
    `repeated  ${whole(repeatedRows)} rows of features are of users or items that have one before: the first counts`,
  ];
}

function shown(value: number | null, digits: number): string {
  return value === null ? 'none' : value.toFixed(digits);
}
