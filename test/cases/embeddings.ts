/** Families of embeddings, each of which has broken somebody's top-K: what they are for stands beside them. */
import { type Dtype, ELEMENT_TYPES } from '../oracle/float-formats.js';
import type { Random } from './random.js';

type Row = Float64Array;
type Family = (rows: number, dim: number, dtype: Dtype, random: Random) => Row[];

interface Amplitudes {
  /** Of an ordinary element: an int8 code of a released row, or a float of a learned one. */
  readonly ordinary: number;
  /** By how many powers of two norms may differ from ordinary ones. */
  readonly octaves: number;
  /** Where squares leave float32, or elements their own type. */
  readonly extremes: readonly number[];
  /** Between neighbours around 1; of codes, between any. */
  readonly step: number;
}

const AMPLITUDES: Readonly<Record<Dtype, Amplitudes>> = {
  int8: { ordinary: 11, octaves: 3, extremes: [1, 127], step: 1 },
  float16: { ordinary: 0.1, octaves: 6, extremes: [60000, 1e-4, 6e-8], step: 2 ** -10 },
  bfloat16: { ordinary: 0.1, octaves: 40, extremes: [1e30, 1e-30, 1e-39], step: 2 ** -7 },
  float32: {
    ordinary: 0.1,
    octaves: 40,
    extremes: [1e38, 1e30, 1e-30, 1e-42, 1.4e-45],
    step: 2 ** -23,
  },
  float8: { ordinary: 0.1, octaves: 3, extremes: [400, 0.02, 2e-3], step: 2 ** -3 },
};

const amplitudeOf = (dtype: Dtype) => AMPLITUDES[dtype].ordinary;

/** By a loop, as tests draw tens of millions of elements. */
function rowOf(dim: number, make: (d: number) => number): Row {
  const row = new Float64Array(dim);
  for (let d = 0; d < dim; d += 1) row[d] = make(d);
  return row;
}

const normalRow = (dim: number, amplitude: number, random: Random): Row =>
  rowOf(dim, () => amplitude * random.normal());

const near = (centre: Row, amplitude: number, random: Random): Row =>
  centre.map((value) => value + amplitude * random.normal());

const rowsOf = (rows: number, make: (index: number) => Row): Row[] =>
  Array.from({ length: rows }, (_, index) => make(index));

/** Rows whose similarity to one direction rises (or falls) with the index: a threshold is never ahead. */
const ordered =
  (sign: 1 | -1): Family =>
  (rows, dim, dtype, random) => {
    const amplitude = amplitudeOf(dtype) * 4;
    const direction = normalRow(dim, amplitude, random);
    const other = normalRow(dim, amplitude, random);
    return rowsOf(rows, (index) => {
      const angle = (Math.PI * (sign > 0 ? rows - index : index + 1)) / (rows + 1);
      return direction.map(
        (value, d) => value * Math.cos(angle) + (other[d] as number) * Math.sin(angle),
      );
    });
  };

const FAMILIES = {
  normal: (rows, dim, dtype, random) =>
    rowsOf(rows, () => normalRow(dim, amplitudeOf(dtype), random)),

  /** Like real items: a few topics, many near neighbours. */
  clustered: (rows, dim, dtype, random) => {
    const amplitude = amplitudeOf(dtype);
    const centres = rowsOf(random.integer(1, 8), () => normalRow(dim, amplitude, random));
    return rowsOf(rows, () => near(random.pick(centres), amplitude * 0.3, random));
  },

  /** Heavy ties at the K-th place. */
  duplicated: (rows, dim, dtype, random) => {
    const originals = rowsOf(random.integer(1, 5), () =>
      normalRow(dim, amplitudeOf(dtype), random),
    );
    return rowsOf(rows, () => random.pick(originals));
  },

  /** Ties between different rows: few possible values an element. */
  coarse: (rows, dim, _dtype, random) =>
    rowsOf(rows, () => rowOf(dim, () => random.integer(-1, 1))),

  constantRows: (rows, dim, dtype, random) => {
    const value = random.pick([1, -1, amplitudeOf(dtype), ELEMENT_TYPES[dtype].largest]);
    return rowsOf(rows, () => new Float64Array(dim).fill(value));
  },

  /** The most negative code everywhere: where saturating multiplies and offsets go wrong. */
  mostNegative: (rows, dim, dtype, random) => {
    const { least, largest: most } = ELEMENT_TYPES[dtype];
    return rowsOf(rows, () => rowOf(dim, () => (random.chance(0.02) ? most : least)));
  },

  zeroRows: (rows, dim, dtype, random) =>
    rowsOf(rows, () =>
      random.chance(0.5)
        ? new Float64Array(dim).fill(random.chance(0.5) ? 0 : -0)
        : normalRow(dim, amplitudeOf(dtype), random),
    ),

  rising: ordered(1),
  falling: ordered(-1),

  /** Everything worth keeping comes last, all of it nearly equal. */
  clusterAtEnd: (rows, dim, dtype, random) => {
    const amplitude = amplitudeOf(dtype);
    const centre = normalRow(dim, amplitude * 4, random);
    const start = Math.floor(rows / 2);
    return rowsOf(rows, (index) =>
      index < start ? normalRow(dim, amplitude, random) : near(centre, amplitude * 0.05, random),
    );
  },

  wildNorms: (rows, dim, dtype, random) => {
    const { octaves } = AMPLITUDES[dtype];
    return rowsOf(rows, () =>
      normalRow(dim, amplitudeOf(dtype) * 2 ** random.integer(-octaves, octaves), random),
    );
  },

  /** One element carries the row: the coarsest case for quantised codes. */
  spiky: (rows, dim, dtype, random) => {
    const spike = ELEMENT_TYPES[dtype].largest / (dtype === 'int8' ? 1 : 16);
    const noise = random.pick([0, amplitudeOf(dtype)]);
    return rowsOf(rows, () => {
      const row = normalRow(dim, noise, random);
      row[random.integer(0, Math.min(dim - 1, 3))] = random.chance(0.5) ? spike : -spike;
      return row;
    });
  },

  /** Norms whose square leaves float32 on one side or the other. */
  hugeAndTiny: (rows, dim, dtype, random) => {
    const scales = AMPLITUDES[dtype].extremes;
    const mixed = random.chance(0.5);
    const scale = random.pick(scales);
    return rowsOf(rows, () => normalRow(dim, mixed ? random.pick(scales) : scale, random));
  },

  /** Scores that differ in their last bits only: an error bound must let all of them through. */
  nearTies: (rows, dim, dtype, random) => {
    const amplitude = amplitudeOf(dtype);
    const centre = normalRow(dim, amplitude, random);
    const { step } = AMPLITUDES[dtype];
    return rowsOf(rows, () => {
      const row = centre.slice();
      const d = random.integer(0, dim - 1);
      const value = row[d] as number;
      row[d] = dtype === 'int8' ? value + random.integer(-1, 1) : value * (1 + step);
      return row;
    });
  },

  /**
   * The worst case of int8 codes: what rounding takes from one vector is parallel to the other, so that
   * the whole of an error bound is used. The first row is what to search for. To it, rows of 0.498
   * everywhere, whose codes are 0, are better than rows of known 0.45, and rows of 0.502 in places,
   * whose codes are 1 there, are worse: judged by their codes alone all would stand the other way round.
   * Every other block of 64 rows, a panel where rows are visited in order, has codes without an error.
   */
  alignedErrors: (rows, dim, _dtype, random) => {
    // A first element of 127 sets the scale of the codes to 1.
    const peak = 127;
    const signed = (first: number, value: (d: number) => number) =>
      rowOf(dim, (d) => {
        if (d === 0) return first;
        return (Math.imul(d, 0x9e3779b1) < 0 ? -1 : 1) * value(d);
      });
    const codedExactly = () => signed(peak, (d) => ((d - 1) % 20 < 9 ? 1 : 0));
    const kinds = [
      codedExactly,
      function codedAsZero() {
        const value = 0.498 - 0.05 * random.uniform();
        return signed(peak, () => value);
      },
      function codedAsOne() {
        const share = 0.5 + 0.35 * random.uniform();
        return signed(peak, () => (random.chance(share) ? 0.502 : 0));
      },
      // The same for targets of the first kind, whose own codes are 0 where this row is not.
      function opposed() {
        return signed((0.75 * dim) / peak, () => -1);
      },
    ];
    const exact = random.integer(0, 1);
    return rowsOf(rows, (index) => {
      if (index === 0) return signed(0, () => 1);
      return (index >> 6) % 2 === exact ? codedExactly() : random.pick(kinds)();
    });
  },
} as const satisfies Record<string, Family>;

export type FamilyName = keyof typeof FAMILIES;
export const FAMILY_NAMES = Object.keys(FAMILIES) as FamilyName[];

/** [rows, dim] row-major, as numbers that the caller stores as `dtype`. */
export function drawEmbeddings(
  family: FamilyName,
  rows: number,
  dim: number,
  dtype: Dtype,
  random: Random,
): Float64Array {
  const drawn: Row[] = FAMILIES[family](rows, dim, dtype, random);
  const numbers = new Float64Array(rows * dim);
  for (const [index, row] of drawn.entries()) numbers.set(row, index * dim);
  return numbers;
}
