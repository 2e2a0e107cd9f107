/** The README's tables of peers, made from the recorded comparisons and nothing else. */

import { short, whole } from '../../lib/text/text-table.js';
import type {
  ComparedCount,
  ComparedRow,
  Comparison,
  Comparisons,
} from '../comparison/comparison-record.js';

const ONNX = 'onnxruntime-node';
const OWN_MODEL = 'onnxruntime-node, own model';
const INT8 = 'kleio int8';
const FLOAT32 = 'kleio float32';
/** Of the table of slower peers. */
const SHOWN_LENGTH = 100_000;

export function peersSection({ comparisons }: Comparisons): string {
  // The best instruction set of the machine; records of others are for docs.
  const best = comparisons.filter(({ isa }) => isa === comparisons[0]!.isa);
  const searches = best.filter(({ kind }) => kind === 'search');
  const ranks = best.filter(({ kind }) => kind === 'rank');
  const { machine, threads, isa, dim, k } = best[0]!;
  return [
    `Measured on ${machine.cores} cores of ${machine.processor} (${isa}), ${threads} threads each, ${dim} dimensions,`,
    `K = ${k}, Node.js ${machine.node}; commits and seeds are in the record.`,
    '',
    ...searchTable(searches),
    '',
    ...slowerPeers(searches.find(({ length }) => length === SHOWN_LENGTH)),
    'The whole MUSE ranker, against the same model in onnxruntime-node (its graph normalises the history in every run,',
    'which shows most at one candidate):',
    '',
    ...rankTable(ranks),
  ].join('\n');
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(header), `|${header.map(() => '---:').join('|')}|`, ...rows.map(line)];
}

const rowOf = ({ rows }: ComparedCount, name: string): ComparedRow | undefined =>
  rows.find((row) => row.name === name);

/** From the ratios within a round, or of the medians where a record has no more. */
function gain(result: ComparedCount, name: string, over: string): string {
  const own = rowOf(result, name);
  const peer = rowOf(result, over);
  if (own?.ms === undefined || peer?.ms === undefined) return '-';
  return `${times(own.speedupOver?.[over]?.median ?? peer.ms.median / own.ms.median)}×`;
}

const times = (ratio: number): string =>
  ratio < 9.95 ? ratio.toFixed(1) : whole(Number(ratio.toPrecision(2)));

function time(result: ComparedCount, name: string): string {
  const ms = rowOf(result, name)?.ms?.median;
  return ms === undefined ? 'refused' : short(ms);
}

function searchTable(searches: readonly Comparison[]): string[] {
  const rows = searches.flatMap(({ length, results }) =>
    results.map((result) => [
      ...[whole(length), whole(result.targets)],
      ...[gain(result, INT8, ONNX), gain(result, FLOAT32, ONNX)],
      ...[gain(result, INT8, OWN_MODEL), gain(result, FLOAT32, OWN_MODEL)],
      ...[time(result, INT8), time(result, FLOAT32)],
    ]),
  );
  const over = [INT8, FLOAT32].map((name) => name.replace('kleio ', ''));
  return table(
    [
      ...['behaviours', 'targets'],
      ...over.map((dtype) => `${dtype} over onnxruntime`),
      ...over.map((dtype) => `${dtype} over own model`),
      ...over.map((dtype) => `kleio ${dtype}, ms`),
    ],
    rows,
  );
}

/** By how much kleio's int8 is faster than everything else that was there. */
function slowerPeers(comparison: Comparison | undefined): string[] {
  if (comparison === undefined) return [];
  const { results, absent, length } = comparison;
  const shown = new Set([INT8, FLOAT32, ONNX, OWN_MODEL]);
  const others = results[0]!.rows.filter(({ name }) => !shown.has(name));
  if (others.length === 0) return [];
  const rows = others.map(({ name }) => {
    const recalls = results.map((result) => rowOf(result, name)?.recall);
    const recall = Math.min(...recalls.filter((value) => value !== undefined));
    const kept = Number.isFinite(recall) ? `${(100 * recall).toFixed(1)} %` : 'all';
    return [name, kept, ...results.map((result) => gain(result, INT8, name))];
  });
  const counts = results.map(({ targets }) => `int8 over it at ${whole(targets)}`);
  return [
    `The others over ${whole(length)} behaviours:`,
    '',
    ...table(['peer', 'of the true K', ...counts], rows),
    ...absent.map(({ peer, reason }) => `\nAbsent: ${peer} (${reason}).`),
    '',
  ];
}

function rankTable(ranks: readonly Comparison[]): string[] {
  const rows = ranks.flatMap(({ length, results }) =>
    results.map((result) => [
      ...[whole(length), whole(result.targets)],
      ...[gain(result, INT8, ONNX), gain(result, FLOAT32, ONNX)],
      ...[time(result, INT8), time(result, ONNX), time(result, `${INT8}, search alone`)],
    ]),
  );
  return table(
    [
      ...['behaviours', 'candidates', 'int8 over onnxruntime', 'float32 over onnxruntime'],
      ...['kleio int8, ms', 'onnxruntime, ms', 'of it the search, ms'],
    ],
    rows,
  );
}
