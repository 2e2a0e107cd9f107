/** What the command line says to mistakes: one sentence that names the option or the file, and no stack. */
import { execFile, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli, kleio } from './cases/command-line.js';
import { weightsPath } from './cases/muse-golden.js';
import { newFolder } from './cases/new-files.js';

const folder = newFolder('refusals');

const weights = weightsPath('muse_a');
const request = join(folder, 'request.json');
writeFileSync(request, '{"user": [1, 2, 3, 4, 5, 6], "candidates": {"items": [1]}}');
const missing = join(folder, 'missing');
const within = join(missing, 'out');
mkdirSync(join(folder, 'empty'));
const empty = join(folder, 'empty');

/** One sentence on standard error, and nothing on standard output. */
async function expectSentence(words: readonly string[], ...parts: readonly string[]) {
  const { code, stdout, stderr } = await kleio(...words);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^kleio: ERR_KLEIO_[A-Z_]+: /);
  expect(stderr).not.toMatch(/^\s+at .*:\d+:\d+\)?$|undefined|got \n|got $/m);
  for (const part of parts) expect(stderr).toContain(part);
}

const ranking = ['rank', '--weights', weights, '--request', request];

const commands = [
  'demo',
  'rank',
  'evaluate',
  'bench',
  'memory',
  'tree build',
  'tree search',
  'tree report',
];

/** Of each kind of value, what it never is; the numbers' other disguises are tried on `--k` below. */
const STRANGE: Readonly<Record<string, readonly string[]>> = {
  n: ['', '1e3'],
  share: ['', '-1'],
  list: ['x,'],
  file: [''],
  dir: [''],
  name: [''],
  id: ['', '1.5'],
  unit: ['x'],
  how: ['x'],
  row: ['x'],
};

it.each([
  ['nosuch'],
  ['help', 'nosuch'],
  ['help', 'tree', 'nosuch'],
  ['tree', 'nosuch'],
  ['tree', 'help', 'nosuch'],
])('names a command that there is not: %j', async (...words) => {
  await expectSentence(words, "unknown command 'nosuch'");
});

it('refuses more items than behaviours', async () => {
  await expectSentence(
    ['memory', '--behaviours', '5', '--items', '6'],
    'ERR_KLEIO_ARGUMENT: --items must be at most --behaviours (5); got 6',
  );
});

it('helps with commands within commands', async () => {
  const help = (await kleio('tree', 'build', '--help')).stdout;
  expect((await kleio('help', 'tree', 'build')).stdout).toBe(help);
  expect((await kleio('tree', 'help', 'build')).stdout).toBe(help);
});

describe.each(commands)('kleio %s', (command) => {
  it('refuses by its name every option with a value that it cannot have', async () => {
    const help = await kleio(...command.split(' '), '--help');
    const options = [...help.stdout.matchAll(/^ +(--[\w-]+) <(\w+)>/gm)];
    expect(options.length).toBeGreaterThan(4);
    for (const [, name, kind] of options as unknown as [string, string, string][]) {
      const refused = STRANGE[kind]?.map((value) =>
        expectSentence([...command.split(' '), name, value], `: ${name} must be `),
      );
      await Promise.all(refused ?? [Promise.reject(new Error(`no strange <${kind}> is known`))]);
    }
  });
});

describe('an option', () => {
  it.each([
    '1e3',
    '0x10',
    '',
    ' 5',
    '+5',
    '5.0',
    'NaN',
    'Infinity',
    '-5',
    '0',
    '65537',
    '9'.repeat(30),
  ])('--k is not %j', (value) =>
    expectSentence([...ranking, '--k', value], '--k must be a whole number', `"${value}"`),
  );

  it.each([
    [['demo', '--seed', '4294967296'], '--seed'],
    [['demo', '--behaviours', '1e5'], '--behaviours'],
    [['demo', '--behaviours', '1000000000000'], '--behaviours'],
    [['tree', 'build', '--embeddings', 'x', '--out', 'y', '--seed', '1.5'], '--seed'],
    [['tree', 'build', '--embeddings', '', '--out', 'y'], '--embeddings'],
    [['tree', 'build', '--embeddings', '-', '--out', 'y'], '--embeddings'],
    [['tree', 'build', '--embeddings', 'x', '--out', '-'], '--out'],
    [
      ['tree', 'build', '--embeddings', 'x', '--out', 'y', '--split', 'balancd'],
      "did you mean 'balanced'?",
    ],
    [['tree', 'search', '--tree', 'x', '--beam', 'Infinity'], '--beam'],
    [['evaluate', '--data', '', '--weights', weights], '--data'],
    [['evaluate', '--data', empty, '--weights', weights, '--part', '-1'], '--part'],
    [[...ranking.slice(0, 3), '--request', ''], '--request'],
    [[...ranking, '--lifelong', 'cosin'], "did you mean 'cosine'?"],
    [[...ranking, '--threads', '2000'], '--threads must be a whole number from 1 to 1024'],
    [['bench', '--precision', '1e-2'], '--precision'],
    [['bench', '--list', '--quick'], "'--quick'"],
    [['bench', '--list', '--targets', '3'], '--targets'],
    [['bench', '--list', '--out', 'list.json'], '--out'],
    [['bench', '--list', 'serch'], "did you mean 'search'?"],
    [['bench', '--seconds', '0'], '--seconds'],
    [['bench', '--targets', '1,,2'], '--targets'],
    [['bench', '--dim', '5000'], '--dim'],
    [['bench', '--device', 'gpu'], '--device'],
    [['bench', '--cache', 'warm,tepid'], '--cache'],
    [['bench', 'serch'], "did you mean 'search'?"],
  ])('of %j is refused by its name', (words, part) => expectSentence(words, part));

  it.each<[string[], ...string[]]>([
    [[...ranking, '--data', folder, '--user', '7'], '--request', '--data'],
    [[...ranking, '--user', '7'], '--user needs --data'],
    [[...ranking, '--candidates', '5'], '--candidates needs --data'],
    [[...ranking, '--split', 'train'], '--split needs --data'],
    [['demo', '--users', '5'], '--users needs --data'],
    [['demo', '--embeddings', 'x'], '--embeddings needs --data'],
    [['demo', '--data', folder, '--seed', '3'], '--data', '--seed'],
    [['tree', 'report', '--tree', 'x', '--out', 'y', '--beam', '5'], '--beam needs --request'],
  ])('of %j would change nothing', (words, ...parts) => expectSentence(words, ...parts));
});

describe('a file', () => {
  it.each([
    [['rank', '--weights', weights, '--request', missing], missing],
    [['rank', '--weights', missing, '--request', request], missing],
    [['rank', '--weights', weights, '--request', folder], `${folder}: is a directory`],
    [['rank', '--weights', folder, '--request', request], folder],
    [['tree', 'search', '--tree', missing], missing],
    [['tree', 'search', '--tree', missing, '--request', missing], missing],
    [['tree', 'build', '--embeddings', missing, '--out', within], missing],
    [['demo', '--data', missing], missing],
    [['evaluate', '--data', missing, '--weights', weights], missing],
    [['evaluate', '--data', request, '--weights', weights], request],
  ])('that cannot be read is named: %j', (words, path) =>
    expectSentence(words, 'ERR_KLEIO_FILE', path),
  );

  it('that cannot be written is named, after what was measured', async () => {
    const words = ['search', '--targets', '1', '--length', '100', '--seconds', '0.01'];
    const { code, stdout, stderr } = await kleio('bench', ...words, '--json', '--out', within);
    expect(code).toBe(1);
    expect(JSON.parse(stdout).measurements).toHaveLength(1);
    expect(stderr).toContain(`ERR_KLEIO_FILE: cannot write ${within}: `);
  });
});

/** With a text or an open file on standard input. */
const ranked = (input: string | number, ...words: string[]) => {
  const stdin = typeof input === 'string' ? { input } : { stdio: [input, 'pipe', 'pipe'] as const };
  const call = [cli, 'rank', '--weights', weights, '--request', '-', ...words];
  return spawnSync(process.execPath, call, { encoding: 'utf8', ...(stdin as object) });
};

describe('standard input', () => {
  it('is a request', () => {
    const text = '\ufeff{"user": [1, 2, 3, 4, 5, 6], "candidates": {"items": [1, 2]}}';
    const { status, stdout } = ranked(text, '--json');
    expect({ status, count: JSON.parse(stdout).count }).toEqual({ status: 0, count: 2 });
  });

  it.each([
    ['', 'ERR_KLEIO_FORMAT: standard input: is empty'],
    ['{"user": [1]}', 'ERR_KLEIO_FORMAT: standard input:1:10: user must have 6 ids'],
    ['{"usr": []}', 'did you mean'],
  ])('is refused as %j', (text, part) => {
    const { status, stdout, stderr } = ranked(text);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(part);
  });

  it('is refused as a folder', () => {
    const descriptor = openSync(folder, 'r');
    const { status, stderr } = ranked(descriptor);
    closeSync(descriptor);
    expect(status).toBe(1);
    expect(stderr).toContain('ERR_KLEIO_FILE: standard input: is a directory');
  });
});

it('reads a request from a pipe to its end', async () => {
  const script = `"${process.execPath}" "${cli}" rank --weights "${weights}" --json --request <(
    printf '{"user": [1, 2, 3,'; sleep 0.2; printf '4, 5, 6], "candidates": {"items": [1]}}')`;
  const stdout = await new Promise<string>((resolve) => {
    execFile('bash', ['-c', script], (_, text) => resolve(text));
  });
  expect(JSON.parse(stdout).count).toBe(1);
});

it('refuses a request of a gigabyte without reading it', async () => {
  const path = join(folder, 'long.json');
  writeFileSync(path, '');
  truncateSync(path, 2 ** 30);
  await expectSentence(['rank', '--weights', weights, '--request', path], path, '64 MiB');
  await expectSentence(['rank', '--weights', weights, '--request', '/dev/zero'], '64 MiB');
});

it.each([[[0xff, 0xfe, 0x7b, 0x00]], [[0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]]])(
  'refuses bytes that are no text: %j',
  async (bytes) => {
    const path = join(folder, 'bytes.json');
    writeFileSync(path, Uint8Array.from(bytes));
    await expectSentence(['rank', '--weights', weights, '--request', path], path, 'UTF-8');
  },
);

it('says that standard output is full', () => {
  const descriptor = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, [cli, 'inspect'], {
    encoding: 'utf8',
    stdio: ['ignore', descriptor, 'pipe'],
  });
  closeSync(descriptor);
  expect(status).toBe(1);
  expect(stderr).toMatch(/^kleio: ERR_KLEIO_FILE: standard output: .*\n$/);
});

it('lists the cases of the benchmark as JSON', async () => {
  const { code, stdout } = await kleio('bench', '--list', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toContainEqual(expect.objectContaining({ name: 'search' }));
});
