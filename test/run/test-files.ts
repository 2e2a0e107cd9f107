/** The test files that have more to do than the modest extent asks of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const root = join(__dirname, '..', '..');

/**
 * All test files, as paths from the root of the repository: those that import `test/cases/extent.ts`, and
 * those that do the same in every extent.
 */
export function testFiles(): { readonly extended: string[]; readonly others: string[] } {
  const extended: string[] = [];
  const others: string[] = [];
  for (const entry of readdirSync(join(root, 'test'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.test.ts')) continue;
    const path = join(entry.parentPath, entry.name);
    const imports = /from '[./]+\/cases\/extent\.js'/.test(readFileSync(path, 'utf8'));
    (imports ? extended : others).push(relative(root, path).split(sep).join('/'));
  }
  return { extended, others };
}
