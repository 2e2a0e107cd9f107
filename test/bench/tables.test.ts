/** The tables of the documents are what the records say: `npm run bench:tables` writes them. */
import { expect, it } from 'vitest';
import { documentsWithTables, withSection } from '../../bench/tables/documents.js';

it.each(documentsWithTables())('$name shows what was recorded, as it was', ({ text, renewed }) => {
  expect(text).toBe(renewed);
});

it('replaces what stands between the markers, and nothing else', () => {
  const page = 'before\n<!-- a -->old<!-- /a -->\nafter';
  expect(withSection(page, 'a', 'new')).toBe('before\n<!-- a -->\n\nnew\n\n<!-- /a -->\nafter');
  expect(() => withSection(page, 'b', 'new')).toThrow('no markers <!-- b -->');
});
