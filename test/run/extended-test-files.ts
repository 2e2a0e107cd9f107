/** The test files that have more to do than the modest extent asks of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const root = join(__dirname, '..', '..');

/** As paths from the root of the repository: those that import `test/cases/extent.ts`. */
export function extendedTestFiles(): string[] {
  return readdirSync(join(root, 'test'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.test.ts'))
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((path) => /from '[./]+\/cases\/extent\.js'/.test(readFileSync(path, 'utf8')))
    .map((path) => relative(root, path).split(sep).join('/'));
}
