/** The native mutants follow the code: each of their texts stands once in its file. */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { expect, it } from 'vitest';

it('can make every native mutant', async () => {
  const { mutationsOf } = (await import(pathToFileURL(join(__dirname, 'native.mjs')).href)) as {
    readonly mutationsOf: (root: string) => readonly { readonly line: number }[];
  };
  const mutants = mutationsOf(join(__dirname, '..', '..'));
  expect(mutants.length).toBeGreaterThan(100);
  expect(mutants.every(({ line }) => line > 0)).toBe(true);
});
