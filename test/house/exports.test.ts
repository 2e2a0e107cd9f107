/** The check of exports sees what nobody takes. */
import { expect, it } from 'vitest';
import { unusedExports } from './exports.js';

const faultsOf = (line: string, other: string) =>
  unusedExports([
    { path: 'lib/x.ts', lines: ['// first', line, 'used(mine);'] },
    { path: 'lib/y.ts', lines: [other] },
  ]);

it.each([
  'export const mine = 1;',
  'export function mine() {}',
  'export async function mine() {}',
  'export function* mine() {}',
  'export class mine {}',
])('refuses %s where its own file alone has it', (line) => {
  expect(faultsOf(line, 'const others = 1;')).toEqual(['lib/x.ts:2: mine is exported to nobody']);
});

it.each([
  ['export const mine = 1;', "import { mine } from './x.js';"],
  ['export interface mine {}', ''],
  ['const mine = 1;', ''],
])('lets pass %s beside %s', (line, other) => expect(faultsOf(line, other)).toEqual([]));
