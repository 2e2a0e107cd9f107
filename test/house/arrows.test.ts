/** The check of rooms and arrows refuses one of each kind, planted in a copy of the sources. */

import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { beforeAll, expect, test } from 'vitest';
import { newFolder } from '../cases/new-files.js';
import { arrowFaults } from './arrows.js';

const root = resolve(__dirname, '..', '..');
const copy = newFolder('house');

beforeAll(() => {
  for (const path of ['lib', 'native', join('docs', 'architecture.md')]) {
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  execFileSync('git', ['init', '--quiet'], { cwd: copy });
});

/** What the check says while `line` stands at the end of the file. */
function saidOf(path: string, line: string): string {
  const file = join(copy, path);
  const before = readFileSync(file, 'utf8');
  appendFileSync(file, `${line}\n`);
  try {
    const said = arrowFaults(copy).join('\n');
    expect(said).toContain(path);
    return said;
  } finally {
    writeFileSync(file, before);
  }
}

test('accepts the sources as they are', () => {
  expect(arrowFaults(copy)).toEqual([]);
});

test.each([
  [
    'an include',
    'native/tree/beam_search.cc',
    '#include "cpu/scan/panel.h"',
    'native/tree → native/cpu/scan is not in',
  ],
  [
    'an import',
    'lib/tables/npy.ts',
    "import '../rankers/ranker.js';",
    'lib/tables → lib/rankers is not in',
  ],
  [
    'a type that is imported',
    'lib/support/abort.ts',
    "export type { Kept } from '../histories/kept.js';",
    'lib/support → lib/histories is not in',
  ],
  ['a circle of includes', 'native/core/table.cc', '#include "addon/guard.h"', 'a circle of rooms'],
  ['a circle of imports', 'lib/support/errors.ts', "import '../index.js';", 'a circle of rooms'],
  [
    'a header of the system',
    'native/cpu/search/selection.cc',
    '#include <sys/mman.h>',
    '<sys/mman.h> is not in',
  ],
  ['Node-API below the addon', 'native/core/table.cc', '#include <napi.h>', 'Node-API'],
  ['CUDA above devices', 'native/cuda/request/rank_run.cc', '#include <cuda_runtime.h>', 'CUDA'],
  [
    'a package that the library would need',
    'lib/tables/npy.ts',
    "import 'hyparquet';",
    'depends on nothing',
  ],
  [
    'a test that the package would need',
    'native/tree/beam_search.cc',
    '#include "kernel_tests/check.h"',
    'no part of the package',
  ],
  [
    'the benchmark of the repository, from lib',
    'lib/cli/bench.ts',
    "import '../../bench/gate/main.js';",
    'no part of the package',
  ],
  [
    'a type of the host in device code',
    'native/cuda/kernels/scan.cuh',
    '#include <vector>',
    '<vector> in device code',
  ],
  [
    'the same behind a header',
    'native/cuda/kernels/search_params.h',
    '#include <string>',
    '<string> in device code',
  ],
  ['Node-API in quotes', 'native/core/table.cc', '#include "napi.h"', 'Node-API'],
  [
    'an include of a macro',
    'native/core/table.cc',
    '#include KLEIO_GUARD',
    'native/core → <KLEIO_GUARD> is not in',
  ],
  [
    'an include with a comment',
    'native/core/table.cc',
    '#include /* */ "addon/guard.h"',
    'native/core → <',
  ],
  [
    'a second import of a line',
    'lib/support/abort.ts',
    "export const both = [import('./limits.js'), import('../tables/npy.js')];",
    'lib/support → lib/tables is not in',
  ],
  [
    'an import in other quotes',
    'lib/support/abort.ts',
    'export const late = import(`../tables/npy.js`);',
    'lib/support → lib/tables is not in',
  ],
  [
    'what createRequire requires',
    'lib/support/abort.ts',
    "export const made = createRequire(__filename)('../tables/npy.js');",
    'lib/support → lib/tables is not in',
  ],
])('refuses %s', (_, path, line, expected) => {
  expect(saidOf(path, line)).toContain(expected);
});

test('refuses a picture with an arrow that nothing is any more', () => {
  const page = join(copy, 'docs', 'architecture.md');
  const before = readFileSync(page, 'utf8');
  writeFileSync(page, before.replace(/^(native\/tree +→ )/m, '$1 native/addon '));
  try {
    expect(arrowFaults(copy).join('\n')).toContain(
      'nothing in the sources is native/tree → native/addon any more',
    );
  } finally {
    writeFileSync(page, before);
  }
});
