/** The tables of the documents are what the records say: `npm run bench:tables` writes them. */
import { expect, it } from 'vitest';
import { documentsWithTables, withSection } from '../../bench/tables/documents.js';
import { gpuSection } from '../../bench/tables/gpu-table.js';
import { machineOf } from '../../lib/bench/harness/environment.js';

it.each(documentsWithTables())('$name shows what was recorded, as it was', ({ text, renewed }) => {
  expect(text).toBe(renewed);
});

it('replaces what stands between the markers, and nothing else', () => {
  const page = 'before\n<!-- a -->old<!-- /a -->\nafter';
  expect(withSection(page, 'a', 'new')).toBe('before\n<!-- a -->\n\nnew\n\n<!-- /a -->\nafter');
  expect(() => withSection(page, 'b', 'new')).toThrow('no markers <!-- b -->');
});

it('sets what a GPU took beside what was expected of it', () => {
  const [targets, rows] = [1000, 100_000];
  const shape = {
    rows,
    targets,
    dim: 128,
    k: 50,
    dtype: 'int8',
    search: 'blocks',
    select: 'block',
  };
  const gpu = { name: 'GPU', driver: '1', clock: '', memory: '', power: '' };
  const record = { gpu, machine: machineOf(''), jobs: [], documents: {} };
  const times = { ...shape, searchUs: 85, searchColdUs: 100, selectUs: 50 };
  const section = gpuSection({ gpus: [{ ...record, lines: { kernels: [times] } }] });
  // The floor is 17.
  expect(section).toMatch(
    /\| 1 000 \| 100 000 \| 50 \| blocks \| 72 to 80 \| 0\.24 \| 85(\.0)? \| 0\.20? \|/,
  );
  expect(section).toMatch(/\| 1 \| 10 000 .* \| - \| - \|/);
});
