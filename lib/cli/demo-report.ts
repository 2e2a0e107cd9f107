/** The result of a demonstration, for people. */

import { columns, short, whole } from '../text/text-table.js';
import type { RankingReport } from './demo-ranking.js';
import type { Latency } from './latency.js';
import { rankedLines } from './rank-report.js';

/** An item among the behaviours that were kept for a target. */
export interface KeptItem {
  readonly item: bigint;
  readonly category: bigint;
  readonly score: number;
  /** Behaviours of this item among the kept. */
  readonly places: number;
  /** Position of the newest of them. */
  readonly position: number;
  readonly behavioursAgo: number;
}

export interface UserReport {
  readonly user: string;
  readonly behaviours: number;
  readonly distinct: number;
  /** The largest cosine between a behaviour and a target; null where nothing is kept. */
  readonly bestScore: number | null;
  readonly elapsedMs: number;
}

export interface DemoReport {
  readonly version: string;
  readonly ran: {
    readonly isa: string | null;
    readonly threads: number;
    readonly binary: string | null;
    readonly node: string;
  };
  readonly source: string;
  readonly table: { readonly rows: number; readonly dim: number; readonly dtype: string };
  readonly history: {
    readonly behaviours: number;
    readonly distinct: number;
    readonly byteLength: number;
  };
  readonly targets: number;
  readonly k: number;
  readonly users: readonly UserReport[];
  readonly shown: {
    readonly target: bigint;
    readonly category: bigint | null;
    readonly behaviours: number;
    readonly items: readonly KeptItem[];
  };
  readonly latencies: readonly Latency[];
  readonly ranking: RankingReport | null;
}

/** Users that get a line of their own. */
const SHOWN_USERS = 20;

/** Kept items that get a line of their own. */
const SHOWN_ITEMS = 10;

export function readableDemo(report: DemoReport): string {
  const { table, history, ran } = report;
  const repeats = Math.round(100 * (1 - history.distinct / history.behaviours));
  return [
    `kleio ${report.version}: exact top-K over a user's whole history`,
    '',
    `data      ${report.source}`,
    `table     ${whole(table.rows)} items of ${table.dim} ${table.dtype}`,
    `history   ${whole(history.behaviours)} behaviours of ${whole(history.distinct)} items (${repeats} % repeat), ${megabytes(history.byteLength)}`,
    `search    ${whole(report.targets)} targets, k = ${report.k}, cosine`,
    `ran on    ${ran.isa}, ${ran.threads} threads, Node.js ${ran.node}`,
    `          ${ran.binary}`,
    ...userLines(report),
    ...keptLines(report),
    ...latencyLines(report),
    ...rankingLines(report),
    '',
  ].join('\n');
}

function userLines({ users, targets }: DemoReport): string[] {
  if (users.length === 0) return [];
  const lines = users
    .slice(0, SHOWN_USERS)
    .map(({ user, behaviours, distinct, ...found }) => [
      user,
      whole(behaviours),
      whole(distinct),
      found.bestScore?.toFixed(6) ?? 'none',
      short(found.elapsedMs),
    ]);
  const header = ['user', 'behaviours', 'items', 'best cosine', 'ms'];
  const rest = users.length - lines.length;
  return [
    '',
    `Each user's own history, searched for the ${whole(targets)} targets:`,
    ...columns([header, ...lines]),
    ...(rest > 0 ? [`  and ${whole(rest)} more users`] : []),
  ];
}

function keptLines({ shown }: DemoReport): string[] {
  const category = shown.category === null ? '' : ` (category ${shown.category})`;
  const lines = shown.items
    .slice(0, SHOWN_ITEMS)
    .map((kept) => [
      String(kept.item),
      String(kept.category),
      kept.score.toFixed(6),
      whole(kept.places),
      whole(kept.position),
      whole(kept.behavioursAgo),
    ]);
  const header = ['item', 'category', 'cosine', 'places', 'newest position', 'behaviours ago'];
  const best = lines.length < shown.items.length ? `, the best ${lines.length}` : '';
  return [
    '',
    `Kept for target item ${shown.target}${category}: ${whole(shown.behaviours)} behaviours of ${whole(shown.items.length)} items${best}:`,
    ...columns([header, ...lines]),
  ];
}

function latencyLines({ latencies }: DemoReport): string[] {
  return [
    '',
    'Latency of the long history, milliseconds of wall clock (other work on the machine shows in it):',
    ...latencyTable(latencies),
  ];
}

function rankingLines({ ranking }: DemoReport): string[] {
  if (ranking === null) return [];
  return [
    '',
    `Ranked by a model of random weights, which predicts nothing but works as a trained one; the first ${ranking.ranked.length} of ${whole(ranking.candidates)},`,
    'and the kept items without which each probability would differ most:',
    ...rankedLines(ranking.ranked),
    '',
    'Latency of the whole ranking: search, attention and tower:',
    ...latencyTable(ranking.latencies),
  ];
}

function latencyTable(latencies: readonly Latency[]): string[] {
  const lines = latencies.map(({ targets, call, calls, p50Ms, p99Ms }) => [
    call,
    whole(targets),
    short(p50Ms),
    short(p99Ms),
    whole(calls),
  ]);
  return columns([['call', 'targets', 'p50', 'p99', 'calls'], ...lines]);
}

function megabytes(bytes: number): string {
  return bytes < 1e5 ? `${whole(bytes)} bytes` : `${(bytes / 1e6).toFixed(1)} MB`;
}
