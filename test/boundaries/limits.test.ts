/** Limits of the operating system are named as such, and the package works once they are lifted. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWhere, itWhere } from '../cases/waiting.js';

const root = join(__dirname, '..', '..');

const PROGRAM = `
  const { closeSync, openSync } = require('node:fs');
  const { EmbeddingTable, inspect, topK } = require(${JSON.stringify(root)});
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
function limited(limit: string, body: string, env: NodeJS.ProcessEnv = {}) {
  const program = `${PROGRAM}(async () => { ${body} })();`;
  const words = ['-c', `ulimit ${limit} && exec "$0" -e "$1"`, process.execPath, program];
  return JSON.parse(
    String(execFileSync('sh', words, { cwd: root, env: { ...process.env, ...env } })),
  );
}

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
