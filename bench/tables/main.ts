/**
 * Writes the tables that documents hold between markers, or with --check fails where they differ.
 *
 *   npm run bench:tables [-- --check]
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { documentsWithTables } from './documents.js';

const ROOT = join(__dirname, '..', '..');

for (const { name, renewed } of documentsWithTables()) {
  const path = join(ROOT, name);
  if (readFileSync(path, 'utf8') === renewed) continue;
  if (process.argv.includes('--check')) {
    process.stderr.write(`${name} differs from the records: npm run bench:tables\n`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, renewed);
  }
}
