/** The check of what the library does not say finds what it should. */
import { expect, it } from 'vitest';
import { languageFaults } from './language.js';

const faultsOf = (path: string, line: string) => languageFaults({ path, lines: [line] }).length;

it.each([
  ['  if (error instanceof Error) return;', 1],
  [' * if (!(error instanceof KleioError)) throw error;', 0],
  ["import { open } from 'node:fs/promises';", 1],
  ["} from 'node:fs';", 1],
  ["import type { FileHandle } from 'node:fs/promises';", 0],
  ["const fs = require('node:fs');", 1],
  ['const decoder = new TextDecoder();', 1],
  ['setTimeout(done, 5);', 1],
  ['await new Promise(setImmediate);', 1],
  ['const text = Buffer.from(bytes);', 1],
  ['process.nextTick(done);', 1],
  ['timers.setTimeout(done, 5);', 0],
  ['function open(path: string | URL, signal: AbortSignal): Buffer {', 0],
])('in the library: %s', (line, faults) => {
  expect(faultsOf('lib/tables/views.ts', line)).toBe(faults);
});

it('lets a file use what it imports', () => {
  const lines = [
    "import { Buffer, fs } from '../support/node-builtins.js';",
    'Buffer.from(bytes);',
  ];
  expect(languageFaults({ path: 'lib/tables/npy.ts', lines })).toEqual([]);
});

it('lets programs of their own say it', () => {
  expect(faultsOf('lib/cli/main.ts', 'if (error instanceof Error) return;')).toBe(0);
  expect(faultsOf('lib/support/node-builtins.ts', "() => require('node:fs')")).toBe(0);
});
