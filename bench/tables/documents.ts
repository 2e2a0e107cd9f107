/** The documents that hold tables between markers, and what the records say that the tables are. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { gateSection } from './gate-table.js';
import { type GpuRecords, gpuSection } from './gpu-table.js';
import { overheadsSection } from './overheads-table.js';
import { peersSection } from './peers-table.js';

const ROOT = join(__dirname, '..', '..');

export interface RenewedDocument {
  readonly name: string;
  readonly text: string;
  readonly renewed: string;
}

/** The text with what stands between the markers of that name replaced. */
export function withSection(text: string, name: string, section: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`there are no markers ${begin} and ${end}`);
  return `${text.slice(0, from + begin.length)}\n\n${section}\n\n${text.slice(to)}`;
}

export function documentsWithTables(): RenewedDocument[] {
  const pathOf = (name: string) => join(ROOT, 'bench', 'results', name);
  const record = (name: string) => JSON.parse(readFileSync(pathOf(name), 'utf8'));
  // There is none before a first GPU was measured.
  const gpus: GpuRecords = existsSync(pathOf('gpu.json')) ? record('gpu.json') : { gpus: [] };
  return [
    renewedDocument('README.md', { peers: peersSection(record('peers.json')) }),
    renewedDocument('docs/benchmarking.md', {
      overheads: overheadsSection(record('cpu.json')),
      gate: gateSection(record('gate.json')),
    }),
    renewedDocument('docs/cuda-kernels.md', { gpu: gpuSection(gpus) }),
  ];
}

function renewedDocument(name: string, sections: Readonly<Record<string, string>>) {
  const text = readFileSync(join(ROOT, name), 'utf8');
  const renewed = Object.entries(sections).reduce(
    (page, [section, content]) => withSection(page, section, content),
    text,
  );
  return { name, text, renewed };
}
