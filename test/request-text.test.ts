/** Request files mean what JSON.parse says they mean, to the last digit, and nothing else: read here without a process. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rankRequest } from '../lib/cli/requests/rank-request.js';
import { RequestJson } from '../lib/cli/requests/request-json.js';
import { treeRequest } from '../lib/cli/requests/tree-request.js';
import { expectError } from './cases/coded-errors.js';
import { times } from './cases/extent.js';

const seed = Number(process.env.KLEIO_SEED);
const json = (text: string) => new RequestJson('r.json', Buffer.from(text));
const tree = (text: string) => treeRequest(json(text));
const rank = (text: string) => rankRequest(json(text));

const space = fc.constantFrom('', '', ' ', '\n', '\t \r\n');
const id = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const writtenId = fc
  .tuple(id, fc.boolean())
  .map(([one, quoted]) => (quoted ? `"${one}"` : `${one}`));
const number = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }).map((one) => JSON.stringify(one)),
  fc.constantFrom('-0', '0.10', '1E2', '1e-400', '16777217', '-1.5e+3'),
);
const list = (element: fc.Arbitrary<string>) =>
  fc
    .tuple(fc.array(element, { maxLength: 9 }), space)
    .map(
      ([elements, between]) => `[${between}${elements.join(`${between},${between}`)}${between}]`,
    );
const field = (name: string, element: fc.Arbitrary<string>) =>
  fc.option(list(element), { nil: undefined }).map((value) => value && `"${name}": ${value}`);

const treeTexts = fc
  .tuple(
    fc.shuffledSubarray([0, 1, 2, 3]),
    fc.tuple(
      field('history', writtenId),
      field('user', number),
      field('allow', writtenId),
      field('block', writtenId),
    ),
    space,
  )
  .map(([order, fields, around]) => {
    const given = order.map((index) => fields[index]).filter((one) => one !== undefined);
    return `${around}{${around}${given.join(`,${around}`)}${around}}${around}`;
  });

/** What JSON.parse says, with ids as they stand in the text. */
function parsed(text: string): Record<string, unknown> {
  const quoted = text.replace(/("(?:history|allow|block)"\s*:\s*)\[([^\]]*)\]/g, (_, name, ids) => {
    const strings = (ids as string).replace(/"/g, '').replace(/-?\d+/g, '"$&"');
    return `${name}[${strings}]`;
  });
  const request = JSON.parse(quoted) as Record<string, readonly string[] | readonly number[]>;
  return Object.fromEntries(
    Object.entries(request).map(([name, values]) => [
      name,
      name === 'user' ? Float32Array.from(values as number[]) : BigInt64Array.from(values, BigInt),
    ]),
  );
}

describe('a request of a tree', () => {
  it('is what JSON.parse reads, with every digit of ids', () => {
    const property = fc.property(treeTexts, (text) => {
      expect(tree(text)).toEqual(parsed(text));
    });
    fc.assert(property, { seed, numRuns: times(3000, 300) });
  });

  it('is refused by code where a character is changed into no JSON, and never misread', () => {
    const damage = fc.tuple(
      treeTexts,
      fc.nat(),
      fc.constantFrom(...'{}[],:"\\ue-.0x \n\u0001'),
      fc.nat(2),
    );
    const property = fc.property(damage, ([text, place, character, kind]) => {
      const at = place % text.length;
      const damaged =
        text.slice(0, at) + (kind === 0 ? '' : character) + text.slice(at + (kind === 2 ? 0 : 1));
      let read: unknown;
      try {
        read = tree(damaged);
      } catch (error) {
        expect(String(error)).toContain('ERR_KLEIO_FORMAT: r.json:');
        return;
      }
      JSON.parse(damaged);
      expect(read).toEqual(parsed(damaged));
    });
    fc.assert(property, { seed, numRuns: times(10_000, 1000) });
  });
});

const candidates = '"candidates": {"items": [1, 2]}';
const user = '"user": [1, 2, 3, 4, 5, 6]';

describe('a request of a ranking', () => {
  it('has unknown ids where lists are left out', () => {
    const { behaviours, ...rest } = rank(`{${user}, ${candidates}}`);
    expect(behaviours).toEqual({ items: new BigInt64Array(), categories: new BigInt64Array() });
    const unknown = BigInt64Array.of(0n, 0n);
    expect(rest.candidates).toEqual({
      items: BigInt64Array.of(1n, 2n),
      ...{ categories: unknown, cities: unknown, provinces: unknown },
    });
  });

  it.each([
    [`{${candidates}}`, '1:1: user is missing'],
    [`{${user}}`, '1:1: candidates is missing'],
    [`{${user}, "candidates": {}}`, '1:44: candidates.items is missing'],
    [`{${user}, ${candidates}, "history": {"categories": []}}`, 'history.items is missing'],
    [
      `{${user}, "candidates": {"items": [1], "citys": [1]}}`,
      `"candidates.citys"; did you mean 'cities'?`,
    ],
    [
      `{${user}, ${candidates}, "history": {"items": [], "times": []}}`,
      '"history.times"; known are items, categories',
    ],
    [`{${user}, ${candidates}, "k": 5}`, `"k"; known are user, candidates, history`],
    [`{${user}, ${candidates}, "history": null}`, 'history must be an object; got null'],
    [`{${user}, ${candidates}, "history": [1]}`, 'history must be an object; got an array'],
    [`{${user}, ${candidates}, ${user}}`, 'user stands twice'],
    [`{${user}, "candidates": {"items": [1], "items": [2]}}`, 'candidates.items stands twice'],
    [
      `{${user}, ${candidates}, "history": {"items": [1], "categories": []}}`,
      'history.categories must have 1 ids; got 0',
    ],
    ['{"user": [1, 2, 3]}', 'user must have 6 ids; got 3'],
  ])('is refused for %s', (text, what) => {
    expectError(() => rank(text), 'ERR_KLEIO_FORMAT', 'r.json:', what);
  });
});

it.each([
  ['1e2', 'block[0] must be a 64-bit id; got 1e2'],
  ['7.0', 'block[0] must be a 64-bit id; got 7.0'],
  [
    '1, 9223372036854775808',
    'block[1] must be a 64-bit id; got 9223372036854775808 (ids are signed: these bits are -9223372036854775808)',
  ],
  ['"18446744073709551615"', 'these bits are -1'],
  ['18446744073709551616', 'got 18446744073709551616'],
  ['-9223372036854775809', 'got -9223372036854775809'],
  ['"007"', 'block[0] must be a 64-bit id; got "007"'],
  ['"0x10"', 'block[0] must be a 64-bit id; got "0x10"'],
  ['""', 'block[0] must be a 64-bit id; got ""'],
  ['" 7"', 'block[0] must be a 64-bit id'],
  ['null', 'block[0] must be a 64-bit id; got null'],
  ['true', 'block[0] must be a 64-bit id; got true'],
  ['{"id": 7}', 'block[0] must be a 64-bit id; got an object'],
  ['[7]', 'block[0] must be a 64-bit id; got an array'],
  ['NaN', 'is not JSON'],
  ['07', 'is not JSON'],
])('refuses the id %s', (written, what) => {
  expectError(() => tree(`{"block": [${written}]}`), 'ERR_KLEIO_FORMAT', 'r.json:1:', what);
});

it.each([
  ['null, true', 'user[0] must be a number; got null'],
  ['0, "1"', 'user[1] must be a number; got "1"'],
  ['0, []', 'user[1] must be a number; got an array'],
  ['1e999', 'user[0] must be a number that float32 can hold; got 1e999'],
  ['-3.5e38', 'user[0] must be a number that float32 can hold; got -3.5e38'],
  ['Infinity', 'is not JSON'],
  ['+1', 'is not JSON'],
  ['.5', 'is not JSON'],
])('refuses the number %s', (written, what) => {
  expectError(() => tree(`{"user": [${written}]}`), 'ERR_KLEIO_FORMAT', 'r.json:1:', what);
});

it.each([
  ['{"blok": [1]}', `has no field "blok"; did you mean 'block'?`],
  ['{"__proto__": {"block": [1]}}', 'has no field "__proto__"'],
  ['{"constructor": 1}', 'has no field "constructor"'],
  ['{"block": [1], "\\u0062lock": []}', 'r.json:1:16: block stands twice'],
  ['{"\\ud800": 1}', 'has no field "\\ud800"'],
  ['{"block": [1]} {}', 'expected the end of the text'],
  ['{"block": [1],}', 'expected a field in quotes'],
  ['{"block": [1,]}', 'expected a value'],
  ['{"block": [1 2]}', "expected ',' or ']'"],
  ['{"block"}', "expected ':'"],
  ["{'block': [1]}", 'expected a field in quotes'],
  ['{"block": "\\x"}', 'an escape that does not exist'],
  ['{"blo\nck": 1}', 'expected a quote that ends the string'],
  [
    `{"allow": ${'9007'.repeat(100)}}`,
    `r.json:1:11: allow must be an array of ids; got ${'9007'.repeat(10)}…`,
  ],
  ['{\n  "user": [1],\n  "block": 7\n}', 'r.json:3:12: block must be an array of ids; got 7'],
])('refuses %s', (text, what) => {
  expectError(() => tree(text), 'ERR_KLEIO_FORMAT', what);
});

/** Whatever a text holds, time and messages are bounded by it: nothing recurses, nothing is tried twice. */
it.each([
  ['nesting', '['.repeat(3e6)],
  ['nesting in a field', `{"user": ${'['.repeat(3e6)}`],
  ['nesting in an unknown field', `{"x": ${'{"x":'.repeat(1e6)}`],
  ['a name', `{"${'n'.repeat(3e6)}": 1}`],
  ['a name of escapes', `{"${'\\n'.repeat(3e6)}": 1}`],
  ['digits', `{"user": [${'1'.repeat(3e6)}]}`],
  ['digits of an id', `{"block": ["${'1'.repeat(3e6)}"]}`],
  ['a string in place of a list', `{"block": "${'x'.repeat(3e6)}"}`],
  ['lines', `${'\n'.repeat(3e6)}x`],
])('refuses a text of endless %s at once, in a message of sane length', (_, text) => {
  let message = '';
  try {
    tree(text);
  } catch (error) {
    ({ message } = error as Error);
  }
  expect(message).toContain('ERR_KLEIO_FORMAT: r.json:');
  expect(message.length).toBeLessThan(300);
});
