/**
 * Writes the tables that documents hold between markers, or with --check fails where they differ.
 *
 *   npm run bench:readme [-- --check]
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Comparisons } from '../comparison/results.js';
import { peersSection } from './peers-table.js';

const ROOT = join(__dirname, '..', '..');

/** The text with what stands between the markers of that name replaced. */
export function withSection(text: string, name: string, section: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`there are no markers ${begin} and ${end}`);
  return `${text.slice(0, from + begin.length)}\n\n${section}\n\n${text.slice(to)}`;
}

export function renewedReadme(): { path: string; text: string; renewed: string } {
  const path = join(ROOT, 'README.md');
  const text = readFileSync(path, 'utf8');
  const record = readFileSync(join(ROOT, 'bench', 'results', 'peers.json'), 'utf8');
  const renewed = withSection(text, 'peers', peersSection(JSON.parse(record) as Comparisons));
  return { path, text, renewed };
}

function main(): void {
  const { path, text, renewed } = renewedReadme();
  if (text === renewed) return;
  if (process.argv.includes('--check')) {
    process.stderr.write(`${path} differs from the records: npm run bench:readme\n`);
    process.exitCode = 1;
  } else {
    writeFileSync(path, renewed);
  }
}

if (require.main === module) main();
