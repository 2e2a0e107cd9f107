/** A typed array is what it is, whatever somebody has put on it or made of its class. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type PublicCall, publicCalls } from '../cases/public-calls.js';

let calls: PublicCall[];
let close: () => void;
beforeAll(async () => {
  ({ calls, close } = await publicCalls());
});
afterAll(() => close());

const throwing = () => {
  throw new Error('not to be asked');
};

type View = Int8Array | BigInt64Array;

const DISGUISES: Readonly<Record<string, (view: View) => View>> = {
  'properties of its own': (view) => {
    const own = { value: 1, enumerable: false };
    return Object.defineProperties(view, {
      length: own,
      byteLength: own,
      byteOffset: own,
      buffer: { value: new ArrayBuffer(8) },
      BYTES_PER_ELEMENT: own,
      [Symbol.toStringTag]: { value: 'Uint32Array' },
    });
  },
  'properties of its own that throw': (view) => {
    for (const key of [
      'length',
      'buffer',
      'byteOffset',
      'byteLength',
      'constructor',
      'slice',
      'subarray',
      'keys',
      Symbol.iterator,
    ]) {
      Object.defineProperty(view, key, { get: throwing });
    }
    return view;
  },
  'another species': (view) => {
    const value = { [Symbol.species]: throwing };
    return Object.defineProperty(view, 'constructor', { value });
  },
  'a class of its own': (view) => {
    const Kind = view.constructor as Int8ArrayConstructor;
    class Own extends Kind {
      override get length() {
        return 1;
      }
      override slice(): never {
        return throwing();
      }
      static get [Symbol.species]() {
        return throwing();
      }
    }
    return Object.setPrototypeOf(view, Own.prototype);
  },
  'no prototype': (view) => Object.setPrototypeOf(view, null),
};

/** The same value with every typed array in it disguised. */
function disguised(value: unknown, disguise: (view: View) => View): unknown {
  if (ArrayBuffer.isView(value)) return disguise(value as View);
  if (Array.isArray(value)) return value.map((part) => disguised(part, disguise));
  if (value === undefined) return value;
  if (Object.getPrototypeOf(Object(value)) !== Object.prototype) return value;
  const parts = Object.entries(value as object).map(([key, part]) => [
    key,
    disguised(part, disguise),
  ]);
  return Object.fromEntries(parts);
}

/** What a call answers, as far as it is values: handles are asked for their size. */
async function answerOf({ call }: PublicCall, given: readonly unknown[]): Promise<unknown> {
  const answer = (await call(...(given as never[]))) as object | undefined;
  if (Object.hasOwn(Object(answer), 'native')) {
    const { rows, length, items, k, samples } = answer as Record<string, unknown>;
    return { rows, length, items, k, samples };
  }
  const { stages: _, ...values } = Object(answer);
  return typeof answer === 'object' && !ArrayBuffer.isView(answer) ? values : answer;
}

it.each(Object.entries(DISGUISES))(
  'reads arrays with %s for what they are',
  async (_, disguise) => {
    for (const call of calls) {
      // What it does to a history or a tree of the tests shows in what it answers next.
      if (call.name === 'history.append') continue;
      const expected = await answerOf(call, call.arguments());
      const given = disguised(call.arguments(), disguise) as unknown[];
      expect(await answerOf(call, given), call.name).toEqual(expected);
    }
  },
);
