/** Runs the built command line in a process of its own. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const cli = join(__dirname, '..', '..', 'dist', 'cli.js');

export async function kleio(...words: string[]) {
  const run = promisify(execFile)(process.execPath, [cli, ...words]);
  const { stdout, stderr, code = 0 } = await run.catch((error) => error);
  return { stdout: String(stdout), stderr: String(stderr), code: Number(code) };
}
