/** What Node.js may refuse a process or a thread: to load addons, to read, to write. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { NewFiles } from '../cases/new-files.js';
import { runProgram } from '../cases/programs.js';
import { bytesOf, safetensorsOf } from '../cases/tensor-files.js';

interface Tried {
  readonly loaded: boolean;
  readonly failure: string | null;
  readonly computes: string;
  readonly opens: string;
  readonly saves: string;
}

const root = join(__dirname, '..', '..');
const files = new NewFiles('permissions');
const bytes = bytesOf(Int8Array.of(1, 2, 3, 4));
const input = files.of(safetensorsOf({ values: { dtype: 'I8', shape: [2, 2], bytes } }));

const MODEL = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

/** Of a process under the permission model that may read its own sources. */
function triedUnder(output: string, ...allowed: string[]): Promise<Tried> {
  const binary = process.env.KLEIO_BINARY;
  const readable = [root, ...(binary === undefined ? [] : [binary])];
  const options = [MODEL, '--no-warnings', ...readable.map((path) => `--allow-fs-read=${path}`)];
  return runProgram('permitted.mjs', {
    nodeOptions: [...options, ...allowed],
    words: [input, output],
  });
}

describe('the permission model', () => {
  it('without addons is named with the option that it wants', async () => {
    const { loaded, failure, computes, saves } = await triedUnder(files.path());
    expect(loaded).toBe(false);
    expect(failure).toContain('--allow-addons');
    expect(computes).toContain('ERR_KLEIO_BINARY');
    expect(saves).toContain('ERR_KLEIO_BINARY');
  });

  it('without the file to read refuses it, and everything else works', async () => {
    const output = files.path();
    const write = `--allow-fs-write=${output}`;
    const { loaded, computes, opens, saves } = await triedUnder(output, '--allow-addons', write);
    expect({ loaded, computes, saves }).toEqual({ loaded: true, computes: 'done', saves: 'done' });
    expect(opens).toContain('ERR_KLEIO_FILE');
    expect(opens).toContain(input);
    expect(readFileSync(output).length).toBeGreaterThan(100);
  });

  it('without the file to write refuses it: native code asks', async () => {
    const output = files.path();
    const allowed = ['--allow-addons', `--allow-fs-read=${input}`];
    const { opens, saves } = await triedUnder(output, ...allowed);
    expect(opens).toBe('done');
    expect(saves).toContain('ERR_KLEIO_FILE');
    expect(saves).toContain(`--allow-fs-write=${output}`);
    expect(existsSync(output)).toBe(false);
  });
});

it('a worker without addons hears what to change, and others are not affected', async () => {
  const triedBy = (...execArgv: string[]) =>
    new Promise<Tried>((resolve, reject) => {
      const program = join(root, 'test', 'programs', 'permitted.mjs');
      const worker = new Worker(program, { execArgv, workerData: [input, files.path()] });
      worker.once('message', resolve).once('error', reject);
    });
  const refused = await triedBy('--no-addons');
  expect(refused.loaded).toBe(false);
  expect(refused.failure).toContain('--no-addons');
  expect(refused.computes).toContain('ERR_KLEIO_BINARY');
  expect(await triedBy()).toMatchObject({
    loaded: true,
    computes: 'done',
    opens: 'done',
    saves: 'done',
  });
});
