/** A few seconds of the soak: every answer is right, and nothing that can be counted is left behind. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { times } from './cases/extent.js';

it('soaks for a while', () => {
  const words = ['--expose-gc', '--import', 'tsx', join('test', 'soak', 'main.ts')];
  const minutes = String(times(20, 5) / 60);
  const output = execFileSync(
    process.execPath,
    [...words, '--minutes', minutes, '--rounds', '10', '--seed', process.env.KLEIO_SEED ?? '1'],
    { cwd: join(__dirname, '..'), encoding: 'utf8' },
  );
  expect(output).toContain('every answer right: yes');
  expect(output).toContain('fds and threads: yes');
  for (const work of ['searches', 'rankings', 'tree searches', 'tables opened', 'workers']) {
    expect(output).toMatch(new RegExp(`[1-9]\\d* ${work}$`, 'm'));
  }
});
