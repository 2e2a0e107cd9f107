/** Limits of the operating system are named as such, and the package works once they are lifted. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { NewFiles } from '../cases/new-files.js';
import { bytesOf, safetensorsOf } from '../cases/tensor-files.js';
import { describeWhere, itWhere } from '../cases/waiting.js';

const root = join(__dirname, '..', '..');

const PROGRAM = `
  const { closeSync, openSync } = require('node:fs');
  const { EmbeddingTable, IndexTree, Ranker, TreeScorer, inspect, topK } = require(${JSON.stringify(root)});
  const search = () => topK(Int8Array.of(0, 1), Int8Array.of(9, 1, 1, 9), { dim: 2, k: 1 }).positions[0];
  const outcome = async (call) => {
    try {
      return await call();
    } catch ({ code, message }) {
      return { code, message };
    }
  };
  const exhaust = () => {
    const open = [];
    try {
      for (;;) open.push(openSync('/dev/null'));
    } catch {
      return () => open.forEach((file) => closeSync(file));
    }
  };
`;

/** What a program under limits of the shell's own prints. */
function limited(limit: string, body: string, env: NodeJS.ProcessEnv = {}, user = {}) {
  const program = `${PROGRAM}(async () => { ${body} })();`;
  const words = ['-c', `ulimit ${limit} && exec "$0" -e "$1"`, process.execPath, program];
  return JSON.parse(
    String(execFileSync('sh', words, { cwd: root, env: { ...process.env, ...env }, ...user })),
  );
}

/** For `NOBODY`. Whoever lifts the limit must be there before it, and of the same user. */
const NO_THREADS = `
  const { execFileSync, spawn } = require('node:child_process');
  const { once } = require('node:events');
  const lifter = spawn('sh', ['-c', 'read line; prlimit --pid "$PPID" --nproc=4096:']);
  for (const part of [lifter, ...lifter.stdio]) part.unref();
  const lift = () => {
    lifter.ref();
    lifter.stdin.end('now');
    return once(lifter, 'exit');
  };
  execFileSync('prlimit', ['--pid', String(process.pid), '--nproc=1:']);
`;

/** No limit of threads holds for root. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

/** Whether such a program may read the package. */
function mayLackThreads(): boolean {
  if (spawnSync('prlimit', ['--version']).status !== 0) return false;
  const isOpen = (folder: string): boolean =>
    (statSync(folder).mode & 0o5) === 0o5 && (folder === '/' || isOpen(dirname(folder)));
  return !('uid' in NOBODY) || isOpen(root);
}

const files = new NewFiles('limits');
const model = join(root, 'test', 'golden', 'muse_a.weights.safetensors');

describeWhere(process.platform === 'linux', 'Linux, whose limits these are')('a limit', () => {
  // A sanitizer reserves terabytes of addresses.
  const isPlain = !process.env.KLEIO_TEST_SANITIZER;
  itWhere(isPlain, 'a binary without a sanitizer')(
    'of memory leaves fewer threads, which search',
    () => {
      const body =
        'const found = search(); console.log(JSON.stringify({ found, threads: inspect().threads }));';
      const { found, threads } = limited('-v 3000000', body, { KLEIO_THREADS: '1024' });
      expect(found).toBe(1);
      expect(threads).toBeGreaterThan(0);
      expect(threads).toBeLessThan(1024);
    },
  );

  it('of descriptors is named where the binary cannot be loaded, and passes', () => {
    const body = `
      const lift = exhaust();
      const refused = await outcome(search);
      const told = inspect().failure;
      lift();
      console.log(JSON.stringify({ refused, told, found: search() }));`;
    const { refused, told, found } = limited('-n 60', body);
    expect(refused.code).toBe('ERR_KLEIO_BINARY');
    expect(refused.message).toContain('no file descriptor is left');
    expect(told).toContain('no file descriptor is left');
    expect(found).toBe(1);
  });

  it('of descriptors is named where a file cannot be opened', () => {
    const body = `
      search();
      const lift = exhaust();
      const file = ${JSON.stringify(join(root, 'test', 'golden', 'gsu_a.safetensors'))};
      const refused = await outcome(() => EmbeddingTable.open(file));
      lift();
      console.log(JSON.stringify({ refused }));`;
    const { refused } = limited('-n 60', body);
    expect(refused.code).toBe('ERR_KLEIO_FILE');
    expect(refused.message).toContain('EMFILE');
  });
});

describeWhere(
  process.platform === 'linux' && mayLackThreads(),
  'prlimit, a package for all to read',
)('a limit of threads', () => {
  const bytes = bytesOf(Int8Array.of(1, 2, 3, 4));
  const table = files.of(safetensorsOf({ values: { dtype: 'I8', shape: [2, 2], bytes } }));
  chmodSync(files.folder, 0o755);

  // The pool of Node.js, which ends the process where it gets no thread, must have none in both.
  it.each([
    ['before the pool has begun', '', 'ERR_KLEIO_LIMIT'],
    ['beside a pool that has', 'search();', 'opened'],
  ])('leaves whoever opens a file %s an answer', (_, first, expected) => {
    const body = `
        ${first}
        ${NO_THREADS}
        const opened = async () => {
          const outcomes = {};
          const told = (call) => outcome(call).then(({ code }) => code ?? 'opened');
          outcomes.table = await told(() => EmbeddingTable.open(${JSON.stringify(table)}));
          outcomes.ranker = await told(() => Ranker.open(${JSON.stringify(model)}));
          outcomes.tree = await told(() => IndexTree.open(${JSON.stringify(model)}));
          outcomes.scorer = await told(() => TreeScorer.open(${JSON.stringify(model)}, {}));
          return outcomes;
        };
        const limited = await opened();
        await lift();
        console.log(JSON.stringify({ limited, lifted: await opened() }));`;
    const { limited: refused, lifted } = limited('-c 0', body, {}, NOBODY);
    const format = 'ERR_KLEIO_FORMAT';
    expect(lifted).toMatchObject({ table: 'opened', ranker: 'opened', tree: format });
    expect(refused).toMatchObject({ table: expected, ranker: expected, tree: format });
    expect(refused.scorer).toBe(lifted.scorer);
  });

  it('leaves the command line a sentence', () => {
    const program = `${NO_THREADS}
        require(${JSON.stringify(join(root, 'dist', 'cli.js'))});`;
    const request = { user: [1, 2, 3, 4, 5, 6], candidates: { items: [1] } };
    const cases = [
      [files.of(Buffer.from(JSON.stringify(request))), 'LIMIT'],
      ['-', 'FORMAT'],
      [files.path(), 'FILE'],
    ] as const;
    for (const [path, code] of cases) {
      const words = ['-e', program, 'rank', '--weights', model, '--request', path];
      const ran = spawnSync(process.execPath, words, {
        ...NOBODY,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      expect(String(ran.stderr)).toContain(`kleio: ERR_KLEIO_${code}: `);
      expect(ran.status).toBe(1);
    }
  });
});
