/** The layers of the released model in float64, one vector at a time, straight from their formulas. */

/** y = W x + b; the weight is row-major [outputs, inputs]. */
export interface Linear {
  readonly weight: Float64Array;
  readonly bias: Float64Array;
}

type Numbers = ArrayLike<number>;

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export const silu = (x: number): number => x * sigmoid(x);

export function linear({ weight, bias }: Linear, x: Numbers): Float64Array {
  return bias.map((start, output) => {
    let sum = start;
    for (let input = 0; input < x.length; input += 1) {
      sum += (weight[output * x.length + input] as number) * (x[input] as number);
    }
    return sum;
  });
}

export function dot(a: Numbers, b: Numbers): number {
  let sum = 0;
  for (let d = 0; d < a.length; d += 1) sum += (a[d] as number) * (b[d] as number);
  return sum;
}

export function softmax(logits: readonly number[]): number[] {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** The release adds this to every weight of an attention and to the probability. */
export const FLOOR = 1e-7;

/** sum of (softmax(logits) + 1e-7) · values; nothing to attend to gives zeros of `width`. */
export function attend(logits: readonly number[], values: readonly Numbers[], width: number) {
  const weights = softmax(logits).map((weight) => weight + FLOOR);
  const out = new Float64Array(width);
  values.forEach((value, i) => {
    for (let d = 0; d < width; d += 1) out[d]! += (weights[i] as number) * (value[d] as number);
  });
  return out;
}

/** Mean of vectors; of none, zeros. */
export function mean(vectors: readonly Numbers[], width: number): Float64Array {
  const sum = new Float64Array(width);
  for (const vector of vectors) {
    for (let d = 0; d < width; d += 1) sum[d]! += vector[d] as number;
  }
  return sum.map((value) => value / Math.max(1, vectors.length));
}

const NORM_EPSILON = 1e-12;

/** p = sigmoid(LN(x)), LN without parameters; gamma·(1 − p)·x + p·x. */
export function dice(x: Float64Array, gamma: Numbers): Float64Array {
  const centre = mean(
    Array.from(x, (value) => [value]),
    1,
  )[0] as number;
  const centred = x.map((value) => value - centre);
  const deviation = Math.sqrt(dot(centred, centred) / x.length + NORM_EPSILON);
  return x.map((value, i) => {
    const p = sigmoid((centred[i] as number) / deviation);
    return (gamma[i] as number) * (1 - p) * value + p * value;
  });
}
