/** Runs the built command line in a process of its own. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';

export const cli = join(__dirname, '..', '..', 'dist', 'cli.js');

export async function kleio(...words: string[]) {
  const run = promisify(execFile)(process.execPath, [cli, ...words]);
  const { stdout, stderr, code = 0 } = await run.catch((error) => error);
  return { stdout: String(stdout), stderr: String(stderr), code: Number(code) };
}

/** Fails with a sentence on standard error, not with a stack. */
export async function expectRefusal(words: readonly string[], text: string): Promise<void> {
  const { code, stdout, stderr } = await kleio(...words);
  expect(code).not.toBe(0);
  expect(stdout).toBe('');
  expect(stderr).toContain(text);
  expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m);
}
