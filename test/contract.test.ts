/** Numbers that TypeScript and C++ both spell are the same, and there is none on one side alone. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const product = createRequire(join(__dirname, '..', 'dist', 'index.js'));
const { binding } = product('./binding/binary.js') as typeof import('../dist/binding/binary.js');

/** Every constant that these modules export; types and functions are none. */
const MODULES = [
  './binding/contract/codes.js',
  './histories/search-units.js',
  './support/limits.js',
];

const spelled = Object.fromEntries(
  MODULES.flatMap((path) => Object.entries(product(path) as Record<string, unknown>)).filter(
    ([name, value]) => /^[A-Z_]+$/.test(name) && !Array.isArray(value),
  ),
);

it('has every constant of lib in the binary, and the other way round', () => {
  expect(Object.keys(binding().contract).toSorted()).toEqual(Object.keys(spelled).toSorted());
});

it.each(Object.entries(spelled))('%s is the same on both sides', (name, value) => {
  expect(binding().contract[name]).toEqual(value);
});

it('numbers the values of every choice from 0 on', () => {
  for (const [name, codes] of Object.entries(spelled)) {
    if (typeof codes !== 'object' || name === 'SEARCH_UNITS') continue;
    const numbers = Object.values(codes as Record<string, number>);
    expect(
      numbers.toSorted((a, b) => a - b),
      name,
    ).toEqual([...numbers.keys()]);
  }
});
