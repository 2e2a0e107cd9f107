/** What the gate watches: quick calls that between them run every kernel, most of them alone. */

import rank from '../../lib/bench/cases/rank.js';
import scan from '../../lib/bench/cases/scan.js';
import search from '../../lib/bench/cases/search.js';
import searchCategory from '../../lib/bench/cases/search-category.js';
import topK from '../../lib/bench/cases/top-k.js';
import type { BenchCase } from '../../lib/bench/harness/case.js';
import { basePoint, type Point } from '../../lib/bench/harness/point.js';

export interface GateCase {
  readonly name: string;
  readonly case: BenchCase;
  readonly point: Point;
}

const gateCase = (name: string, benchCase: BenchCase, point: Partial<Point>): GateCase => ({
  name,
  case: benchCase,
  // One thread: the other cores of a shared machine are somebody else's.
  point: { ...basePoint(1), length: 20_000, ...point },
});

export const gateCases: readonly GateCase[] = [
  gateCase('scan int8', scan, { targets: 84 }),
  gateCase('scan float32', scan, { targets: 84, dtype: 'float32' }),
  gateCase('search int8, 1 target', search, { targets: 1 }),
  gateCase('search int8, 100 targets', search, { targets: 100 }),
  gateCase('search float32, 100 targets', search, { targets: 100, dtype: 'float32' }),
  gateCase('search int8, 2 threads', search, { targets: 100, threads: 2 }),
  gateCase('search by category', searchCategory, { targets: 100 }),
  gateCase('rank, 50 candidates', rank, { targets: 50, length: 2000 }),
  gateCase('topK, 16 targets', topK, { targets: 16, length: 1000 }),
];
