/** JSON read where it lies is what JSON.parse reads, and what is not JSON is refused at its byte. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonFault, JsonReader } from '../lib/support/json-reader.js';
import { times } from './cases/extent.js';

const seed = Number(process.env.KLEIO_SEED);

const readerOf = (text: string | Uint8Array) => new JsonReader(Buffer.from(text as string));

function valueIn(json: JsonReader): unknown {
  switch (json.kind()) {
    case 'object':
      return Object.fromEntries(Array.from(json.keys(), (key) => [key, valueIn(json)]));
    case 'array':
      return Array.from(json.elements(), () => valueIn(json));
    case 'string':
      return json.string();
    case 'number':
      return json.number();
    case 'word':
      return JSON.parse(json.word());
  }
}

function whole(text: string): unknown {
  const json = readerOf(text);
  const value = valueIn(json);
  json.end();
  return value;
}

function faultOf(read: () => unknown): JsonFault {
  try {
    read();
  } catch (thrown) {
    if (JsonFault.is(thrown)) return thrown;
    throw thrown;
  }
  throw new Error('nothing is wrong');
}

const texts = fc
  .tuple(fc.jsonValue({ stringUnit: 'binary', maxDepth: 5 }), fc.constantFrom(0, 1, '\t\r\n'))
  .map(([value, indent]) => JSON.stringify(value, undefined, indent));

describe('a text', () => {
  it('is what JSON.parse reads, and passed over as a whole', () => {
    const property = fc.property(texts, (text) => {
      // Compared as texts: a field named __proto__ is one like the others in both.
      expect(JSON.stringify(whole(text))).toBe(JSON.stringify(JSON.parse(text)));
      const json = readerOf(text);
      json.skip();
      json.end();
    });
    fc.assert(property, { seed, numRuns: times(5000, 500) });
  });

  it('is refused where JSON.parse refuses it, and never misread', () => {
    const damage = fc.tuple(texts, fc.nat(), fc.constantFrom(...'{}[],:"\\ue-.0xtn \u0001é'));
    const property = fc.property(damage, ([text, place, character]) => {
      const at = place % (text.length + 1);
      // Half of a character that is two units is no UTF-8: what stands for it then is both readers’.
      const damaged = Buffer.from(
        text.slice(0, at) + character + text.slice(at + (place % 2)),
      ).toString();
      let expected: unknown;
      try {
        expected = JSON.parse(damaged);
      } catch {
        const { at: byte } = faultOf(() => whole(damaged));
        expect(byte).toBeLessThanOrEqual(Buffer.byteLength(damaged));
        return;
      }
      let found: unknown;
      try {
        found = whole(damaged);
      } catch (thrown) {
        // What JSON.parse takes for the later of two.
        expect(String(thrown)).toContain('stands twice');
        return;
      }
      expect(JSON.stringify(found)).toBe(JSON.stringify(expected));
    });
    fc.assert(property, { seed, numRuns: times(20_000, 2000) });
  });
});

it('has every digit of a number, wherever it lies', () => {
  const numbers = Array.from(
    { length: 20_000 },
    (_, at) => `${at}.${'0123456789'.repeat(at % 9)}5`,
  );
  const json = readerOf(`[${numbers.join()}]`);
  expect(Array.from(json.elements(), () => json.digits())).toEqual(numbers);
  json.end();
});

it('has few digits only of a number that is nothing else', () => {
  const read = (text: string) => readerOf(text).fewDigits();
  expect(read(' 0,')).toBe(0);
  expect(read('999999999999999')).toBe(999_999_999_999_999);
  for (const text of ['1000000000000000', '-1', '1.0', '1e2', '07', '"1"', '', 'x']) {
    const json = readerOf(text);
    expect(json.fewDigits()).toBeUndefined();
    expect(json.next).toBe(0);
  }
});

it.each([
  ['{"é":1,"é":2}', 8, 'the key "é" stands twice'],
  ['["é", x]', 7, 'is not JSON: expected a value; got "x"'],
  ['["é", 😀]', 7, 'is not JSON: expected a value; got "😀"'],
  ['[1 2]', 3, `is not JSON: expected ',' or ']'; got "2"`],
  ['["a', 3, 'is not JSON: expected a quote that ends the string; got the end of the text'],
  ['"\\', 2, 'is not JSON: expected a quote that ends the string; got the end of the text'],
  ['[ "\\x"]', 2, 'is not JSON: a string has an escape that does not exist'],
  ['[1, 1.]', 4, 'is not JSON: expected a number; got "1."'],
  ['['.repeat(33), 33, 'has more than 32 levels'],
])('refuses %s at byte %i', (text, at, what) => {
  const fault = faultOf(() => whole(text));
  expect([fault.at, fault.message]).toEqual([at, what]);
});

it('refuses a number that no double needs', () => {
  const fault = faultOf(() => whole(`[${'1'.repeat(1001)}]`));
  expect([fault.at, fault.message]).toEqual([1, 'a number must have at most 1000 digits']);
});

it('refuses a string that is not UTF-8', () => {
  const fault = faultOf(() => readerOf(Uint8Array.of(0x20, 0x22, 0xff, 0x22)).string());
  expect([fault.at, fault.message]).toEqual([1, 'is not JSON: a string is not UTF-8']);
});
