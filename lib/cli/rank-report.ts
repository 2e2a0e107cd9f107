/** The result of a ranking, for people. */

import { columns, short, whole } from '../text/text-table.js';
import type { Influence } from './influence.js';
import type { RankedCandidate } from './ranked-candidates.js';

export interface RankReport {
  readonly version: string;
  readonly ran: { readonly isa: string | null; readonly threads: number; readonly node: string };
  readonly model: { readonly path: string; readonly k: number; readonly lifelong: string };
  readonly user: bigint;
  readonly history: { readonly behaviours: number; readonly distinct: number };
  /** Candidates. */
  readonly count: number;
  readonly elapsedMs: number;
  /** The first of them, most likely clicked first. */
  readonly ranked: readonly RankedCandidate[];
}

export function readableRanking(report: RankReport): string {
  const { model, ran, history, ranked } = report;
  const shown = ranked.length < report.count ? `the first ${ranked.length} of ` : '';
  return [
    `kleio ${report.version}: ${shown}${whole(report.count)} candidates for user ${report.user}`,
    '',
    `model     ${model.path}, ${model.lifelong}, k = ${model.k}`,
    `history   ${whole(history.behaviours)} behaviours of ${whole(history.distinct)} items`,
    `ran on    ${ran.isa}, ${ran.threads} threads, Node.js ${ran.node}: ${short(report.elapsedMs)} ms`,
    '',
    ...rankedLines(ranked),
    '',
  ].join('\n');
}

/** The kept items that mattered stand below each other, on the lines of their candidate. */
export function rankedLines(ranked: readonly RankedCandidate[]): string[] {
  const header = [
    '',
    'candidate',
    'category',
    'click',
    'mattered',
    'cosine',
    'places',
    'ago',
    'by',
  ];
  const lines = ranked.flatMap(({ item, category, probability, mattered }, index) => {
    const candidate = [String(index + 1), String(item), String(category), percent(probability)];
    const rows = mattered.length === 0 ? [['-', '', '', '', '']] : mattered.map(influenceCells);
    return rows.map((row, place) => [...(place === 0 ? candidate : ['', '', '', '']), ...row]);
  });
  return columns([header, ...lines]);
}

function influenceCells(influence: Influence): string[] {
  const { item, score, places, behavioursAgo, change } = influence;
  const sign = change < 0 ? '−' : '+';
  return [
    String(item),
    score.toFixed(4),
    whole(places),
    whole(behavioursAgo),
    `${sign}${percent(Math.abs(change))}`,
  ];
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(3)} %`;
}
