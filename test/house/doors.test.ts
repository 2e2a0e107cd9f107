/** The check of doors sees what goes around them. */
import { expect, it } from 'vitest';
import { doorFaults } from './doors.js';

const faultsOf = (path: string, ...lines: string[]) => doorFaults({ path, lines });

it.each([
  ['lib/cli/x.ts', "import { writeFileSync } from 'node:fs';"],
  ['lib/cli/tree/x.ts', "import { readdirSync, writeFile } from 'node:fs/promises';"],
  ['lib/cli/x.ts', "import { type FileHandle, open } from 'node:fs/promises';"],
  ['lib/cli/parquet/x.ts', "import { readFileSync } from 'node:fs';"],
  ['lib/trees/x.ts', 'await fs.promises.appendFile(path, text);'],
  ['lib/rankers/x.ts', 'const file = fs.openSync(path);'],
  ['lib/cli/x.ts', "import { readdirSync, stat } from 'node:fs';"],
  ['lib/tables/x.ts', 'fs.read(descriptor, bytes, 0, 1, 0, done);'],
  ['native/tree/x.cc', '#include <fcntl.h>'],
  ['native/core/x.cc', '#include <fstream>'],
])('refuses, in %s, %s', (path, line) => {
  expect(faultsOf(path, '', line)).toHaveLength(1);
  expect(faultsOf(path, '', line)[0]).toContain(`${path}:2: `);
});

it.each([
  ['lib/tables/x.ts', " * import { writeFileSync } from 'node:fs';"],
  ['lib/tables/x.ts', 'static async open(path: string | URL) {'],
  ['lib/cli/taobao/x.ts', "import { readdirSync } from 'node:fs';"],
  ['lib/cli/x.ts', "import { openPage } from './page.js';"],
  ['lib/cli/requests/request-text.ts', "import { openSync, readSync } from 'node:fs';"],
  ['lib/cli/x.ts', "import { type Stats, statSync } from 'node:fs';"],
  ['lib/binding/x.ts', 'fs.statSync(file, fs.constants);'],
  ['lib/support/opened-file.ts', 'fs.openSync(path, FLAGS)'],
  ['native/core/new_file.cc', '#include <fcntl.h>'],
  ['native/cuda/software/x.cc', '#include <fcntl.h>'],
  ['test/x.test.ts', 'writeFileSync(path, bytes);'],
])('lets pass, in %s, %s', (path, line) => expect(faultsOf(path, line)).toEqual([]));
