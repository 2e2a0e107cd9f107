/** The check of lint that holds native sources to their sizes, and all sources to saying a thing once. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, it } from 'vitest';

const script = join(__dirname, '..', 'native', 'tools', 'check-sizes.mjs');
const folder = mkdtempSync(join(tmpdir(), 'kleio-sizes-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What the check says of files of these names and lines. */
async function failuresOf(files: Readonly<Record<string, readonly string[]>>): Promise<string> {
  const paths = Object.entries(files).map(([name, lines]) => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${lines.join('\n')}\n`);
    return path;
  });
  const run = promisify(execFile)(process.execPath, [script, ...paths]);
  const { stderr, code = 0 } = await run.catch((error) => error);
  expect(Boolean(code)).toBe(stderr !== '');
  return String(stderr).replaceAll(`${folder}/`, '');
}

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
  ['a.cc', 60, ''],
  ['a.cc', 61, 'a.cc:3: 61 lines, of at most 60: explicit Sum(std::size_t first,\n'],
  ['a.cuh', 120, ''],
  ['a.cuh', 121, 'a.cuh:3: 121 lines, of at most 120: explicit Sum(std::size_t first,\n'],
])('in %s a function of %i lines: %j', async (name, lines, said) => {
  expect(await failuresOf({ [name]: method(lines) })).toBe(said);
});

it.each([
  ['a.h', 400, ''],
  ['a.h', 401, 'a.h: 401 lines, of at most 400\n'],
  ['a.ts', 401, ''],
])('%s of %i lines: %j', async (name, lines, said) => {
  const constants = numbered(lines, (n) => `inline constexpr int kConstant${n} = ${n};`);
  expect(await failuresOf({ [name]: constants })).toBe(said);
});

const said = numbered(6, (n) => `total += weight[${n}];`);

it.each(['a.cc', 'a.cuh', 'a.ts', 'a.mjs'])(
  'six lines of %s that stand elsewhere',
  async (name) => {
    const indented = said.flatMap((line) => ['', '  // Why.', `    ${line}`, '  }']);
    expect(await failuresOf({ [name]: ['first();', ...said], 'b.cc': indented })).toBe(
      `b.cc:3: repeats ${name}:2: total += weight[0];\n`,
    );
    expect(await failuresOf({ [name]: said.slice(1), 'b.cc': indented })).toBe('');
  },
);

it('a repeated stretch is told once, and what stands three times twice', async () => {
  const more = [...said, 'total += 1;', 'total += 2;'];
  expect(await failuresOf({ 'a.cc': [...more, 'between();', ...more], 'b.cc': more })).toBe(
    'a.cc:10: repeats a.cc:1: total += weight[0];\nb.cc:1: repeats a.cc:1: total += weight[0];\n',
  );
});

it('lists in which each line stands for itself are no repetition', async () => {
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
    expect(await failuresOf({ 'a.ts': lines, 'b.cc': lines })).toBe('');
  }
});
