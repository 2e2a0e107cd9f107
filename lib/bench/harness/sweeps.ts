/** The points that a report measures: the shape kleio is made for, and each axis away from it. */

import { DTYPES } from '../../tables/dtypes.js';
import type { Axes, Point } from './point.js';

export interface Sweep {
  readonly name: string;
  readonly case: string;
  readonly axes: Axes;
  /** Instruction sets to run under; each needs a process of its own. Absent: the one in use. */
  readonly isas?: readonly string[];
}

export interface SweepScope {
  readonly quick: boolean;
  readonly threads: number;
  readonly isas: readonly string[];
}

export function standardSweeps({ quick, threads, isas }: SweepScope): Sweep[] {
  const grid = quick ? quickGrid : fullGrid;
  return [
    { name: 'targets × behaviours', case: 'search', axes: grid },
    ...(quick ? [] : fullAxes({ threads })),
    { name: 'cold caches', case: 'search', axes: coldAxes(quick) },
    { name: 'whole ranker', case: 'rank', axes: rankAxes(quick) },
    {
      name: 'instruction sets',
      case: 'search',
      axes: quick ? { length: [10_000] } : { dtype: ['int8', 'float32'] },
      isas: isas.slice(0, -1),
    },
  ];
}

const quickGrid: Axes = { dtype: ['int8', 'float32'], length: [10_000], targets: [1, 100] };

const fullGrid: Axes = {
  dtype: ['int8', 'float32'],
  length: [1000, 10_000, 100_000, 1_000_000],
  targets: [1, 16, 100, 1000],
};

const coldAxes = (quick: boolean): Axes => ({
  cache: ['cold'],
  ...(quick ? { length: [10_000] } : { dtype: ['int8', 'float32'] }),
  targets: quick ? [1] : [1, 16, 100],
});

const rankAxes = (quick: boolean): Axes => ({
  length: quick ? [10_000] : [1000, 100_000],
  targets: quick ? [100] : [1, 100, 1000],
});

function fullAxes({ threads }: Pick<Point, 'threads'>): Sweep[] {
  const counts = [...new Set([1, 2, 4, 8, 16, 32, 64, threads])].filter((n) => n <= threads);
  return [
    { name: 'threads', case: 'search', axes: { threads: counts, targets: [1, 100, 1000] } },
    { name: 'dimensions', case: 'search', axes: { dim: [32, 64, 128, 256] } },
    { name: 'kept', case: 'search', axes: { k: [1, 10, 50, 200, 1000] } },
    { name: 'element types', case: 'search', axes: { dtype: DTYPES } },
    {
      name: 'scan alone',
      case: 'scan',
      axes: { dtype: ['int8', 'float32'], length: [10_000, 100_000], targets: [1, 84] },
    },
    { name: 'inner product', case: 'search', axes: { unit: ['dot'], targets: [1, 100] } },
    { name: 'category', case: 'search-category', axes: { targets: [1, 100] } },
    { name: 'many users', case: 'search-many', axes: { length: [10_000], targets: [8, 200] } },
    {
      name: 'asked again',
      case: 'extend',
      axes: { dtype: ['int8', 'float32'], targets: [1, 16, 100] },
    },
    { name: 'making a history', case: 'append', axes: { length: [10_000, 100_000] } },
    { name: 'history from packed bytes', case: 'from-packed', axes: { length: [10_000, 100_000] } },
    { name: 'history from plain bytes', case: 'from-plain', axes: { length: [10_000, 100_000] } },
    { name: 'many users, ranked', case: 'rank-many', axes: { length: [10_000], targets: [80] } },
    { name: 'tree', case: 'tree-search', axes: { length: [10_000, 100_000] } },
    { name: 'stateless', case: 'top-k', axes: { length: [1000, 10_000], targets: [1, 16] } },
  ];
}
