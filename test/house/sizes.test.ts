/** Native sources are held to their sizes, and all sources to saying a thing once. */

import { expect, it } from 'vitest';

import { repeats } from './repeats.js';
import { oversizes } from './sizes.js';

type Files = Readonly<Record<string, readonly string[]>>;
const sourcesOf = (files: Files) => Object.entries(files).map(([path, lines]) => ({ path, lines }));
const sizesOf = (path: string, lines: readonly string[]) => oversizes({ path, lines });
const repeatsIn = (files: Files) => repeats(sourcesOf(files));

const numbered = (count: number, line: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => line(n));

/** A function of so many lines, from the first of its head to its brace. */
const method = (lines: number) => [
  'class Sum {',
  ' public:',
  '  explicit Sum(std::size_t first,',
  '               std::size_t second)',
  '      : first_(first) {',
  '#if defined(__x86_64__)',
  '    if (second > first) {',
  ...numbered(lines - 8, (n) => `      first_ += ${n};`),
  '    }',
  '#endif',
  '  }',
  '};',
];

it.each([
  ['a.cc', 60, []],
  ['a.cc', 61, ['a.cc:3: 61 lines, of at most 60: explicit Sum(std::size_t first,']],
  ['a.cuh', 120, []],
  ['a.cuh', 121, ['a.cuh:3: 121 lines, of at most 120: explicit Sum(std::size_t first,']],
])('in %s a function of %i lines: %j', (path, lines, said) => {
  expect(sizesOf(path, method(lines))).toEqual(said);
});

it.each(['}', '});', '}  // what it was', '} catch (...) {\n}', 'out:\n}'])(
  'a long function that ends in %j',
  (end) => {
    const lines = ['void sum() {', ...numbered(61, (n) => `  first += ${n};`), ...end.split('\n')];
    expect(sizesOf('a.cc', lines)).toEqual([
      expect.stringContaining('of at most 60: void sum() {'),
    ]);
  },
);

it.each([
  ['a.h', 400, []],
  ['a.h', 401, ['a.h: 401 lines, of at most 400']],
])('%s of %i lines: %j', (path, lines, said) => {
  const constants = numbered(lines, (n) => `inline constexpr int kConstant${n} = ${n};`);
  expect(sizesOf(path, constants)).toEqual(said);
});

const said = numbered(6, (n) => `total += weight[${n}];`);

it.each(['a.cc', 'a.cuh', 'a.ts', 'a.mjs'])('six lines of %s that stand elsewhere', (path) => {
  const indented = said.flatMap((line) => ['', '  // Why.', `    ${line}`, '  }']);
  expect(repeatsIn({ [path]: ['first();', ...said], 'b.cc': indented })).toEqual([
    `b.cc:3: repeats ${path}:2: total += weight[0];`,
  ]);
  expect(repeatsIn({ [path]: said.slice(1), 'b.cc': indented })).toEqual([]);
});

it('a repeated stretch is told once, and what stands three times twice', () => {
  const more = [...said, 'total += 1;', 'total += 2;'];
  expect(repeatsIn({ 'a.cc': [...more, 'between();', ...more], 'b.cc': more })).toEqual([
    'a.cc:10: repeats a.cc:1: total += weight[0];',
    'b.cc:1: repeats a.cc:1: total += weight[0];',
  ]);
});

it('lists in which each line stands for itself are no repetition', () => {
  const members = numbered(6, (n) => `void* allocate${n}(std::size_t bytes) override;`);
  const values = numbered(6, (n) => `.member${n} = kValue${n},`);
  const fields = numbered(6, (n) => `readonly field${n}: number;`);
  const includes = numbered(6, (n) => `#include "core/part${n}.h"`);
  const imports = [
    'import {',
    ...numbered(6, (n) => `part${n} as other${n},`),
    "} from './part.js';",
  ];
  for (const lines of [members, values, fields, includes, imports]) {
    expect(repeatsIn({ 'a.ts': lines, 'b.cc': lines })).toEqual([]);
  }
});
