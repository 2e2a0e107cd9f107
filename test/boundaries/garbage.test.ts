/**
 * Whatever is passed in whatever place of whatever call, the answer is a result or an error with a code: never an
 * engine's own TypeError, never a fault of this package, never a promise that waits for ever.
 */
import * as kleio from 'kleio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { detached, lying, outOfBounds } from '../cases/hostile-views.js';
import { type PublicCall, publicCalls } from '../cases/public-calls.js';

/** Throws nothing, which is the worst that can be thrown, from whatever it is asked. */
const hostileHandler = new Proxy(
  {},
  {
    get: () => () => {
      throw null;
    },
  },
);

const revoked = () => {
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  return proxy;
};

const closedTable = () => {
  const table = kleio.EmbeddingTable.from(Int8Array.of(1, 2), { dim: 2 });
  table.close();
  return table;
};

const GARBAGE: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  true: () => true,
  'minus zero': () => -0,
  'minus one': () => -1,
  half: () => 0.5,
  NaN: () => Number.NaN,
  infinity: () => Number.POSITIVE_INFINITY,
  'a large number': () => 2 ** 53,
  'a bigint': () => 3n,
  'a large bigint': () => 2n ** 70n,
  'no text': () => '',
  text: () => 'text',
  'text with NUL': () => 'a\0b',
  'half a character': () => '\ud800',
  'a symbol': () => Symbol('s'),
  'a function': () => () => 0,
  'a class': () => class Thing {},
  'an object': () => ({}),
  'an object without prototype': () => Object.create(null),
  'an unknown option': () => ({ nonsense: 1 }),
  'an empty array': () => [],
  'an array with nothing': () => [undefined, null],
  'an array with holes': () => new Array(3),
  'an array of objects': () => [{}, {}],
  'a date': () => new Date(Number.NaN),
  'a map': () => new Map(),
  'a string object': () => new String('x'),
  'an array-like': () => ({ length: 2 ** 53, 0: 1 }),
  'a buffer': () => new ArrayBuffer(8),
  'a shared buffer': () => new SharedArrayBuffer(8),
  'a view of data': () => new DataView(new ArrayBuffer(8)),
  'a Buffer': () => Buffer.from('abc'),
  'clamped bytes': () => new Uint8ClampedArray(2),
  'unsigned ids': () => BigUint64Array.of(2n ** 64n - 1n),
  'doubles that are no numbers': () => Float64Array.of(Number.NaN, Number.NaN),
  'floats that are no numbers': () => Float32Array.of(Number.NaN, Number.NaN),
  'ids that are unknown': () => BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n),
  'rows far away': () => Int32Array.of(-(2 ** 31), 2 ** 31 - 1),
  'no floats': () => new Float32Array(),
  'no ids': () => new BigInt64Array(),
  'floats without memory': () => detached(Float32Array.of(1, 2)),
  'ids without memory': () => detached(BigInt64Array.of(1n)),
  'floats out of bounds': () => outOfBounds(4),
  'ids that lie': () => lying(BigInt64Array.of(101n, 102n), 4000),
  'a foreign typed array prototype': () => Object.create(Int8Array.prototype),
  'a proxy that throws nothing': () => new Proxy({}, hostileHandler),
  'a proxied function that throws nothing': () => new Proxy(() => 0, hostileHandler),
  'a proxied array that throws nothing': () => new Proxy([1], hostileHandler),
  'a proxied typed array': () => new Proxy(BigInt64Array.of(1n), {}),
  'a revoked proxy': revoked,
  'a closed table': closedTable,
  'a closed history': () => {
    const history = new kleio.History(kleio.EmbeddingTable.from(Int8Array.of(1, 2), { dim: 2 }));
    history.close();
    return history;
  },
  'the prototype of a class': () => kleio.History.prototype,
  'an error': () => new Error('mine'),
  'a getter that throws nothing': () => ({
    get k() {
      throw undefined;
    },
  }),
};

type Path = readonly (string | number)[];

/** The places of a value: itself, and what it holds, of plain objects and arrays. */
function placesOf(value: unknown, path: Path = []): Path[] {
  const isPlain = Array.isArray(value) || Object.getPrototypeOf(Object(value)) === Object.prototype;
  if (typeof value !== 'object' || value === null || !isPlain) return [path];
  return [path, ...Object.entries(value).flatMap(([key, part]) => placesOf(part, [...path, key]))];
}

function placeIn(
  whole: unknown,
  path: Path,
  change: (holder: object, key: string | number) => void,
) {
  let holder = whole as Record<string | number, unknown>;
  for (const key of path.slice(0, -1)) holder = holder[key] as typeof holder;
  change(holder, path.at(-1)!);
}

/** What became of a call: nothing if that is as promised. */
async function faultOf({ name, call }: PublicCall, given: unknown[], what: string) {
  const late = Symbol('late');
  let timer: NodeJS.Timeout | undefined;
  const waiting = new Promise((resolve) => {
    timer = setTimeout(() => resolve(late), 30_000);
  });
  const run = async () => call(...(given as never[]));
  const outcome = await Promise.race([run().then(() => undefined, errorCode), waiting]);
  clearTimeout(timer);
  if (
    outcome === undefined ||
    (outcome !== late && /^ERR_KLEIO_(?!INTERNAL)/.test(String(outcome)))
  ) {
    return [];
  }
  return [`${name}, ${what}: ${String(outcome)}`];
}

function errorCode(error: unknown): string {
  const { code, stack } = Object(error) as { code?: string; stack?: string };
  return code ?? `no code, ${stack ?? String(error)}`;
}

const NO_CALLS = ['KleioError', 'devices', 'inspect'];
/** Without arguments, or tried by other means. */
const OTHER_METHODS = ['close', 'clear', 'quality', 'share', 'value', 'constructor', 'dispose'];

describe('whatever is passed', () => {
  let calls: PublicCall[];
  let close: () => void;
  beforeAll(async () => {
    ({ calls, close } = await publicCalls());
  });
  afterAll(() => close());

  it('is passed to every call that there is', () => {
    const names = calls.map(({ name }) => name.toLowerCase());
    const missing = Object.entries(kleio)
      .filter(([name]) => !NO_CALLS.includes(name))
      .flatMap(([name, exported]) => {
        const prototype = Object(exported).prototype ?? {};
        const own = (of: object) =>
          Object.entries(Object.getOwnPropertyDescriptors(of))
            .filter(
              ([key, { value }]) => typeof value === 'function' && !OTHER_METHODS.includes(key),
            )
            .map(([key]) => key);
        return /^[A-Z]/.test(name) ? [...own(exported), ...own(prototype)] : [name];
      })
      .filter((name) => !names.some((known) => known.split('.').at(-1) === name.toLowerCase()));
    expect(missing).toEqual([]);
  });

  it('is right as the test gives it', async () => {
    for (const { name, call, arguments: given } of calls) {
      await expect((async () => call(...(given() as never[])))(), name).resolves.not.toThrow();
    }
  });

  it.each(Object.entries(GARBAGE))('gives a result or a code: %s', async (what, garbage) => {
    const faults: string[] = [];
    for (const call of calls) {
      for (const path of placesOf(call.arguments()).slice(1)) {
        const given = call.arguments();
        const passed = garbage();
        // What a callback throws is its owner's, and has no code of ours.
        if (path.at(-1) === 'onProgress' && typeof passed === 'function') continue;
        placeIn(given, path, (holder, key) => Reflect.set(holder, key, passed));
        faults.push(...(await faultOf(call, given, `${what} at ${path.join('.')}`)));
      }
    }
    expect(faults).toEqual([]);
  });

  it('gives a code where reading it throws', async () => {
    const faults: string[] = [];
    for (const call of calls) {
      for (const path of placesOf(call.arguments()).filter(({ length }) => length > 1)) {
        const given = call.arguments();
        const get = () => {
          throw null;
        };
        placeIn(given, path, (holder, key) => {
          Object.defineProperty(holder, key, { get, enumerable: true });
        });
        faults.push(...(await faultOf(call, given, `a getter at ${path.join('.')}`)));
      }
    }
    expect(faults).toEqual([]);
  });

  it('gives a code where nothing is passed', async () => {
    const faults: string[] = [];
    for (const call of calls) {
      for (let length = 0; length < call.arguments().length; ++length) {
        const given = call.arguments().slice(0, length);
        faults.push(...(await faultOf(call, given, `${length} arguments`)));
      }
    }
    expect(faults).toEqual([]);
  });
});
