/** `import` and `require` lead to the same names, types included: index.mts lists by hand what index.ts exports. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const lib = join(__dirname, '..', 'lib');

/** The names that a file's `export {}` statements give, each with `type` before it where it is one. */
function exportsOf(file: string): string[] {
  const text = readFileSync(join(lib, file), 'utf8');
  return [...text.matchAll(/^export (type )?\{([^}]*)\}/gm)].flatMap(([, types, names]) =>
    (names as string)
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '')
      .map((name) => (types === undefined ? name : `type ${name}`)),
  );
}

it('exports the same through both doors', () => {
  const required = exportsOf('index.ts');
  expect(required.length).toBeGreaterThan(60);
  expect(exportsOf('index.mts').sort()).toEqual(required.sort());
});

it('exports the same values through both doors', async () => {
  const required: object = require('../dist/index.js');
  const imported = await import(join(__dirname, '..', 'dist', 'index.mjs'));
  expect(Object.keys(imported).sort()).toEqual(Object.keys(required).sort());
  expect(imported).toMatchObject(required);
});
