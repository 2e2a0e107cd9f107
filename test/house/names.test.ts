/** The check of names refuses a file that another is named like, and a path that leads nowhere. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { expect, test } from 'vitest';

import { nameFaults } from './names.js';

/** What the check says of a repository of these files. */
function faultsIn(files: Readonly<Record<string, string>>): readonly string[] {
  const root = mkdtempSync(join(tmpdir(), 'kleio-house-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    execFileSync('git', ['init', '--quiet'], { cwd: root });
    return nameFaults(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

test('accepts a header and its source, and mentions of files from where they are read', () => {
  const files = {
    'native/core/table.h': '// See core/table.cc, native/core/table.cc.\n',
    'native/core/table.cc': '// See {table}.h.\n',
    'docs/page.md': '`core/table.{h,cc}`, [lib/index.ts](../lib/index.ts)\n',
    'lib/index.ts': '',
  };
  expect(faultsIn(files)).toEqual([]);
});

test('refuses code that no check would read', () => {
  const files = { 'native/core/table.hpp': '', 'lib/tables/table.cts': '' };
  expect(faultsIn(files)).toEqual([
    'lib/tables/table.cts: no check reads such a file',
    'native/core/table.hpp: no check reads such a file',
  ]);
});

test('refuses two files of one stem', () => {
  const files = {
    'native/core/table.h': '',
    'native/addon/table.cc': '',
    'lib/tables/table.ts': '',
  };
  expect(faultsIn(files)).toEqual(['table is in native/addon and native/core']);
});

test.each(['core/tables.h', 'native/core/table.cc', 'core/{table,row}.h'])(
  'refuses a mention of %s, which is not there',
  (mention) => {
    const files = { 'native/core/table.h': '', 'docs/page.md': `first\nsee \`${mention}\`\n` };
    expect(faultsIn(files)).toEqual([expect.stringMatching(/^docs\/page\.md:2: there is no /)]);
  },
);
