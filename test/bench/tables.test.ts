/** The README's tables are what the records say. */
import { expect, it } from 'vitest';
import { renewedReadme, withSection } from '../../bench/tables/readme.js';

it('shows the recorded peers, as `npm run bench:readme` writes them', () => {
  const { text, renewed } = renewedReadme();
  expect(text).toBe(renewed);
});

it('replaces what stands between the markers, and nothing else', () => {
  const page = 'before\n<!-- a -->old<!-- /a -->\nafter';
  expect(withSection(page, 'a', 'new')).toBe('before\n<!-- a -->\n\nnew\n\n<!-- /a -->\nafter');
  expect(() => withSection(page, 'b', 'new')).toThrow('no markers <!-- b -->');
});
