/** AUC and GAUC are what counting every pair gives, ties included, however the samples arrive. */
import fc from 'fast-check';
import { Auc, auc, Gauc, gauc, type Labels, type Scores } from 'kleio';
import { describe, expect, it } from 'vitest';
import { expectError, untyped } from './cases/coded-errors.js';

interface Sample {
  readonly user: bigint;
  readonly score: number;
  readonly label: 0 | 1;
}

/** Every pair of a clicked and an unclicked sample: 1 in order, ½ tied, 0 out of order. */
function aucByPairs(samples: readonly Sample[]): number {
  let [sum, pairs] = [0, 0];
  for (const clicked of samples.filter(({ label }) => label === 1)) {
    for (const other of samples.filter(({ label }) => label === 0)) {
      sum += clicked.score > other.score ? 1 : clicked.score === other.score ? 0.5 : 0;
      pairs += 1;
    }
  }
  return sum / pairs;
}

function gaucByPairs(samples: readonly Sample[]): number {
  let [sum, weight] = [0, 0];
  for (const user of new Set(samples.map((sample) => sample.user))) {
    const own = samples.filter((sample) => sample.user === user);
    const value = aucByPairs(own);
    if (Number.isNaN(value)) continue;
    sum += own.length * value;
    weight += own.length;
  }
  return sum / weight;
}

// Few users and few scores, so that users have several samples and scores tie.
const score = fc.oneof(
  fc.constantFrom(0, -0, 0.5, 1, Infinity, -Infinity),
  fc.double({ noNaN: true, min: -2, max: 2 }),
);
const sample = fc.record({
  user: fc.bigInt({ min: -2n, max: 2n }),
  score,
  label: fc.constantFrom<0 | 1>(0, 1),
});
const samples = fc.array(sample, { maxLength: 40 });

/** Equal but for the rounding of the last digits; without pairs, both are NaN. */
function expectNear(actual: number, expected: number): void {
  if (Number.isNaN(expected)) expect(actual).toBeNaN();
  else expect(actual).toBeCloseTo(expected, 14);
}

const scoresOf = (all: readonly Sample[]) => Float64Array.from(all, ({ score }) => score);
const labelsOf = (all: readonly Sample[]) => Uint8Array.from(all, ({ label }) => label);

describe('auc', () => {
  it('counts pairs', () => {
    fc.assert(
      fc.property(samples, (all) => {
        expectNear(auc(scoresOf(all), labelsOf(all)), aucByPairs(all));
      }),
    );
  });

  it('does not depend on how the samples are divided', () => {
    fc.assert(
      fc.property(fc.array(samples, { maxLength: 4 }), (parts) => {
        const streamed = new Auc();
        for (const part of parts) {
          streamed.add(scoresOf(part), labelsOf(part));
          streamed.value(); // looking changes nothing
        }
        const all = parts.flat();
        expect(streamed.value()).toBe(auc(scoresOf(all), labelsOf(all)));
        expect(streamed.samples).toBe(all.length);
        expect(streamed.clicked).toBe(all.filter(({ label }) => label === 1).length);
      }),
    );
  });

  it('is exact for ties among many', () => {
    const count = 300_000;
    const scores = Float32Array.from({ length: count }, (_, index) => (index % 3) / 3);
    const labels = Uint8Array.from({ length: count }, (_, index) => Math.floor(index / 3) % 2);
    expect(auc(scores, labels)).toBe(0.5);
  });

  it('has no value without both labels', () => {
    expect(auc([], [])).toBeNaN();
    expect(auc([0.5], [1])).toBeNaN();
    expect(auc([0.5], [false])).toBeNaN();
  });
});

describe('gauc', () => {
  it('weights the AUC of users by their samples, in any order', () => {
    fc.assert(
      fc.property(samples, (all) => {
        const users = BigInt64Array.from(all, ({ user }) => user);
        expectNear(gauc(users, scoresOf(all), labelsOf(all)), gaucByPairs(all));
      }),
    );
  });

  it('streams one user at a time', () => {
    const quality = new Gauc();
    expect(quality.value()).toBeNaN();
    expect(quality.add([0.9, 0.2], [true, false])).toBe(1);
    expect(quality.add([0.3, 0.7, 0.5], [1, 0, 0])).toBe(0);
    expect(quality.add([0.6], [1])).toBeNaN();
    expect([quality.users, quality.value()]).toEqual([2, 0.4]);
  });
});

it.each<[string, unknown, unknown, string, string]>([
  ['lengths that differ', [0.5, 0.6], [1], 'ERR_KLEIO_SHAPE', 'labels.length must be 2'],
  ['a score that is no number', [0.5, Number.NaN], [1, 0], 'ERR_KLEIO_NOT_FINITE', 'scores[1]'],
  ['a score of another type', ['0.5'], [1], 'ERR_KLEIO_NOT_FINITE', 'scores[0]'],
  ['a label that is neither 0 nor 1', [0.5], [2], 'ERR_KLEIO_RANGE', 'labels[0]'],
  ['a missing label', [0.5], [undefined], 'ERR_KLEIO_RANGE', 'labels[0]'],
  ['scores that are no array', 0.5, [1], 'ERR_KLEIO_ARGUMENT', 'scores'],
  ['labels that are no array', [0.5], null, 'ERR_KLEIO_ARGUMENT', 'labels'],
])('refuses %s and keeps nothing of it', (_, scores, labels, code, text) => {
  const call = (metric: { add(scores: Scores, labels: Labels): unknown }) => () =>
    metric.add(untyped(scores), untyped(labels));
  const streamed = new Auc();
  expectError(call(streamed), code, text);
  expect(streamed.samples).toBe(0);
  expectError(call(new Gauc()), code, text);
});

it('refuses users of another number', () => {
  expectError(() => gauc([1n], [0.5, 0.6], [1, 0]), 'ERR_KLEIO_SHAPE', 'users.length must be 2');
});
