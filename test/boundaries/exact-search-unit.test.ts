/** What `simTier` and `semanticTargetAttention` make of hostile inputs. */
import { semanticTargetAttention, simTier } from 'kleio';
import { describe, expect, it } from 'vitest';
import { expectError, untyped } from '../cases/coded-errors.js';
import { detached, lying, misaligned, outOfBounds, shared } from '../cases/hostile-views.js';

describe('simTier', () => {
  const weights = new Float32Array(21).fill(1);
  const scores = Float32Array.of(0.5, -0.5);
  const call = (change: object) => () => {
    const { scores: given, ...options } = untyped({ scores, k: 2, weights, ...change });
    return simTier(given, options);
  };

  it.each<[string, object, string, string]>([
    ['no scores', { scores: undefined }, 'ERR_KLEIO_ARGUMENT', 'scores'],
    ['scores as doubles', { scores: new Float64Array(2) }, 'ERR_KLEIO_ARGUMENT', 'scores'],
    ['half a target', { scores: new Float32Array(3) }, 'ERR_KLEIO_SHAPE', '3'],
    ['NaN', { scores: Float32Array.of(0.5, Number.NaN) }, 'ERR_KLEIO_NOT_FINITE', 'column 1'],
    ['infinity', { scores: Float32Array.of(0, Infinity) }, 'ERR_KLEIO_RANGE', ''],
    ['a score past 1', { scores: Float32Array.of(0, 1.01) }, 'ERR_KLEIO_RANGE', '1.01'],
    ['a score below -1', { scores: Float32Array.of(0, -1.2) }, 'ERR_KLEIO_RANGE', '-1.2'],
    ['a huge score', { scores: Float32Array.of(0, 3e38) }, 'ERR_KLEIO_RANGE', ''],
    ['a huge negative score', { scores: Float32Array.of(0, -3e38) }, 'ERR_KLEIO_RANGE', ''],
    ['detached scores', { scores: detached(Float32Array.of(1, 1)) }, 'ERR_KLEIO_ARGUMENT', ''],
    ['scores out of bounds', { scores: outOfBounds(4) }, 'ERR_KLEIO_ARGUMENT', 'scores'],
    ['no weights', { weights: undefined }, 'ERR_KLEIO_ARGUMENT', 'weights'],
    ['too few weights', { weights: new Float32Array(12) }, 'ERR_KLEIO_RANGE', '12'],
    ['detached weights', { weights: detached(new Float32Array(21)) }, 'ERR_KLEIO_ARGUMENT', ''],
    ['k 0', { k: 0 }, 'ERR_KLEIO_RANGE', 'k'],
    ['eps 0', { eps: 0 }, 'ERR_KLEIO_RANGE', 'eps'],
    ['eps 9e-7', { eps: 9e-7 }, 'ERR_KLEIO_RANGE', 'from 0.000001 to 2'],
    ['eps 2.01', { eps: 2.01 }, 'ERR_KLEIO_RANGE', 'from 0.000001 to 2'],
    ['eps NaN', { eps: Number.NaN }, 'ERR_KLEIO_RANGE', 'eps'],
    ['a negative eps', { eps: -0.1 }, 'ERR_KLEIO_RANGE', 'eps'],
    ['a misspelled option', { wieghts: weights }, 'ERR_KLEIO_ARGUMENT', "'weights'"],
  ])('refuses %s', (_, change, code, text) => expectError(call(change), code, text));

  it('reads scores wherever they lie, and no more than there are', () => {
    const expected = call({})();
    expect(call({ scores: shared(scores) })()).toEqual(expected);
    expect(call({ scores: misaligned(scores) })()).toEqual(expected);
    expect(call({ scores: lying(Float32Array.from(scores), 4000) })()).toEqual(expected);
    expect(call({ scores: new Float32Array(0) })()).toEqual(new Float32Array(0));
  });
});

describe('semanticTargetAttention', () => {
  const layer = () => ({ weight: Float32Array.of(1, 0, 0, 1), bias: new Float32Array(2) });
  const weights = () => ({
    query: [layer()],
    key: [layer()],
    value: [layer()],
    temperatures: Float32Array.of(0.5),
    gains: Float32Array.of(1, 1, 1),
  });
  const input = () => ({
    target: Float32Array.of(1, 2),
    behaviours: Float32Array.of(1, 2, -2, 1, 0.5, 1),
    scores: Float32Array.of(0.9, -0.2, 0.8),
    weights: weights(),
  });
  const call = (change: object) => () =>
    semanticTargetAttention(untyped({ ...input(), ...change }));

  it.each<[string, object, string, string]>([
    ['no target', { target: undefined }, 'ERR_KLEIO_ARGUMENT', 'target'],
    ['half a target', { target: new Float32Array(3) }, 'ERR_KLEIO_SHAPE', 'target'],
    ['a target of doubles', { target: new Float64Array(2) }, 'ERR_KLEIO_ARGUMENT', 'target'],
    ['NaN in a target', { target: Float32Array.of(1, Number.NaN) }, 'ERR_KLEIO_NOT_FINITE', ''],
    ['half a behaviour', { behaviours: new Float32Array(5) }, 'ERR_KLEIO_SHAPE', 'behaviours'],
    [
      'infinity in a behaviour',
      { behaviours: Float32Array.of(1, 2, 3, 4, Infinity, 6) },
      'ERR_KLEIO_NOT_FINITE',
      '',
    ],
    ['a score too few', { scores: new Float32Array(2) }, 'ERR_KLEIO_SHAPE', 'scores'],
    ['a score of NaN', { scores: Float32Array.of(1, 2, NaN) }, 'ERR_KLEIO_NOT_FINITE', ''],
    [
      'a score of infinity',
      { scores: Float32Array.of(1, 2, Infinity) },
      'ERR_KLEIO_NOT_FINITE',
      '',
    ],
    ['a list of no channels', { scores: [] }, 'ERR_KLEIO_ARGUMENT', 'one channel or two'],
    [
      'three channels',
      { scores: [1, 2, 3].map(() => new Float32Array(3)) },
      'ERR_KLEIO_ARGUMENT',
      'scores',
    ],
    [
      'two channels and one temperature',
      { scores: [1, 2].map(() => new Float32Array(3)) },
      'ERR_KLEIO_SHAPE',
      'temperatures',
    ],
    ['a mask too short', { mask: new Uint8Array(2) }, 'ERR_KLEIO_SHAPE', 'mask'],
    ['a mask of booleans', { mask: [true, true, true] }, 'ERR_KLEIO_ARGUMENT', 'mask'],
    ['a scale of NaN', { scale: Number.NaN }, 'ERR_KLEIO_RANGE', 'scale'],
    ['two heads of one', { heads: 2 }, 'ERR_KLEIO_RANGE', 'heads'],
    ['no weights', { weights: undefined }, 'ERR_KLEIO_ARGUMENT', 'weights'],
    ['a detached target', { target: detached(Float32Array.of(1, 2)) }, 'ERR_KLEIO_ARGUMENT', ''],
    ['a misspelled input', { behaviors: 1 }, 'ERR_KLEIO_ARGUMENT', "'behaviours'"],
  ])('refuses %s', (_, change, code, text) => expectError(call(change), code, text));

  it.each<[string, object, string, string]>([
    ['no query', { query: undefined }, 'ERR_KLEIO_ARGUMENT', 'weights.query'],
    ['no heads', { query: [], key: [], value: [] }, 'ERR_KLEIO_ARGUMENT', 'weights.query'],
    ['a key too few', { query: [layer(), layer()] }, 'ERR_KLEIO_SHAPE', 'weights.key'],
    [
      'a wider key',
      { key: [{ weight: new Float32Array(6), bias: new Float32Array(3) }] },
      'ERR_KLEIO_SHAPE',
      'weights.key[0]',
    ],
    [
      'a layer without bias',
      { value: [{ weight: new Float32Array(4) }] },
      'ERR_KLEIO_ARGUMENT',
      'weights.value[0].bias',
    ],
    [
      'a layer of nothing',
      { query: [{ weight: new Float32Array(0), bias: new Float32Array(0) }] },
      'ERR_KLEIO_SHAPE',
      'weights.query[0].bias',
    ],
    [
      'NaN in a layer',
      { key: [{ weight: new Float32Array(4).fill(Number.NaN), bias: new Float32Array(2) }] },
      'ERR_KLEIO_NOT_FINITE',
      '',
    ],
    ['a temperature of 0', { temperatures: Float32Array.of(0) }, 'ERR_KLEIO_RANGE', '[0]'],
    ['no temperatures', { temperatures: undefined }, 'ERR_KLEIO_ARGUMENT', 'temperatures'],
    ['two gains', { gains: Float32Array.of(1, 1) }, 'ERR_KLEIO_SHAPE', 'gains'],
  ])('refuses weights with %s', (_, change, code, text) =>
    expectError(call({ weights: { ...weights(), ...change } }), code, text),
  );

  it('reads inputs wherever they lie', () => {
    const expected = call({})();
    for (const placed of [shared, misaligned]) {
      const { target, behaviours, scores } = input();
      const change = {
        target: placed(target),
        behaviours: placed(behaviours),
        scores: placed(scores),
      };
      expect(call(change)()).toEqual(expected);
    }
  });

  it('attends to nothing: zeros', () => {
    const nothing = { behaviours: new Float32Array(0), scores: new Float32Array(0) };
    expect(call(nothing)()).toEqual(new Float32Array(2));
    expect(call({ ...nothing, target: new Float32Array(0) })()).toEqual(new Float32Array(0));
  });
});
