/** Where a case is measured: one value for each axis of a sweep. */

import type { Dtype, SearchUnit } from '../../index.js';

export interface Point {
  /** Targets or candidates of one call. */
  readonly targets: number;
  /** Behaviours of the history. */
  readonly length: number;
  readonly dim: number;
  readonly k: number;
  readonly dtype: Dtype;
  readonly unit: SearchUnit;
  readonly threads: number;
  /** Name of a device, as `devices()` gives it. */
  readonly device: string;
  /** `cold`: the caches hold something else when each call begins. */
  readonly cache: 'warm' | 'cold';
}

export type Axis = keyof Point;

/** Some values of some axes. */
export type Axes = { readonly [A in Axis]?: readonly Point[A][] };

/** The shape that kleio is made for, at a batch that every case can afford. */
export function basePoint(threads: number): Point {
  return {
    targets: 100,
    length: 100_000,
    dim: 128,
    k: 50,
    dtype: 'int8',
    unit: 'cosine',
    threads,
    device: 'cpu',
    cache: 'warm',
  };
}

/** Every combination of the axes' values, the last axis fastest. */
export function pointsOf(base: Point, axes: Axes): Point[] {
  let points = [base];
  for (const [axis, values] of Object.entries(axes)) {
    points = points.flatMap((point) => values.map((value) => ({ ...point, [axis]: value })));
  }
  return points;
}

/** As it stands in tables: what differs from the base, or the axes asked for. */
export function labelOf(point: Point, axes: readonly Axis[]): string {
  return axes.map((axis) => `${axis} ${point[axis]}`).join(', ');
}
