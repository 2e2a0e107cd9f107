/** A file is one file, of one moment, however it is renamed, replaced or written to: at every door. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  linkSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectRejection } from '../cases/coded-errors.js';
import { NewFiles } from '../cases/new-files.js';
import { DOORS, type Opened, VERSIONS } from '../cases/opened-files.js';

const { folder: root } = new NewFiles('snapshots');

/** Writes into a file in place, the bytes of one and the other, until it is told to stop. */
const IN_PLACE = `
  const { workerData: { path, contents, stop } } = require('node:worker_threads');
  const fs = require('node:fs');
  const file = fs.openSync(path, 'r+');
  for (let turn = 1; Atomics.load(stop, 0) === 0; ++turn) {
    fs.writeSync(file, contents[turn % 2], 0, contents[turn % 2].length, 0);
    fs.ftruncateSync(file, contents[turn % 2].length);
    Atomics.wait(stop, 0, 0, turn % 60);
  }`;

async function versionIn(opened: Opened): Promise<string> {
  const version = await opened.read();
  opened.close();
  return version;
}

describe.each(DOORS)('$name', ({ name, write, open }) => {
  const folder = mkdtempSync(join(root, `${name}-`));
  const at = (file: string) => join(folder, file);
  const put = (version: string) => {
    linkSync(at(version), at('next'));
    renameSync(at('next'), at('file'));
    rmSync(at('next'), { force: true }); // it stays where both are one file already
  };
  beforeAll(async () => {
    for (const version of VERSIONS) await write(at(version), version);
    put('old');
  });

  it('opens the file that its path meant in the call', async () => {
    const start = process.cwd();
    put('old');
    process.chdir(folder);
    const opening = open('file');
    process.chdir(start);
    expect(await versionIn(await opening)).toBe('old');

    const again = open(pathToFileURL(at('file')));
    unlinkSync(at('file'));
    expect(await versionIn(await again)).toBe('old');

    symlinkSync('old', at('link'));
    const linked = open(at('link'));
    rmSync(at('link'));
    symlinkSync('new', at('link'));
    expect(await versionIn(await linked)).toBe('old');
    rmSync(at('link'));
  });

  it('is never refused a file that is replaced, moved or linked meanwhile', async () => {
    for (let round = 0; round < 12; ++round) {
      put('old');
      const opening = open(at('file'));
      await pause(round * 2);
      if (round % 3 === 0) put('new');
      if (round % 3 === 1) renameSync(at('file'), at('away'));
      if (round % 3 === 2) linkSync(at('file'), at('beside'));
      await pause(1);
      rmSync(at('beside'), { force: true });
      put('new');
      expect(await versionIn(await opening)).toBe('old');
    }
  });

  it.each<[string, (path: string) => void]>([
    ['truncated', (path) => truncateSync(path, 0)],
    ['cut in two', (path) => truncateSync(path, readFileSync(path).length >> 1)],
    ['rewritten in place', (path) => writeFileSync(path, readFileSync(at('new')))],
    ['filled with zeros', (path) => writeFileSync(path, new Uint8Array(readFileSync(path).length))],
    ['removed', (path) => rmSync(path)],
  ])('answers as before when its file is %s', async (_, change) => {
    writeFileSync(at('own'), readFileSync(at('old')));
    const opened = await open(at('own'));
    expect(await opened.read()).toBe('old');
    change(at('own'));
    expect(await versionIn(opened)).toBe('old');
  });

  it('gives a file that is written to meanwhile whole, or an error', async () => {
    const contents = VERSIONS.map((version) => Uint8Array.from(readFileSync(at(version))));
    writeFileSync(at('own'), contents[0]!);
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const workerData = { path: at('own'), contents, stop };
    const writer = new Worker(IN_PLACE, { eval: true, workerData });
    await once(writer, 'online');
    const seen = new Set<string>();
    for (let round = 0; round < 40; ++round) {
      seen.add(await open(at('own')).then(versionIn, ({ code }) => String(code)));
    }
    Atomics.store(stop, 0, 1);
    await once(writer, 'exit');
    const right = [...VERSIONS, 'ERR_KLEIO_FILE'];
    expect([...seen].filter((outcome) => !right.includes(outcome))).toEqual([]);
  });

  it('refuses what is no regular file, by what it is', async () => {
    execFileSync('mkfifo', [at('pipe')]);
    const refused = { '/dev/zero': 'a device', [folder]: 'a directory', [at('pipe')]: 'a pipe' };
    for (const [path, kind] of Object.entries(refused)) {
      await expectRejection(() => open(path), 'ERR_KLEIO_FILE', path, kind);
    }
    const server = createServer().listen(at('socket'));
    await once(server, 'listening');
    await expectRejection(() => open(at('socket')), 'ERR_KLEIO_FILE', at('socket'));
    server.close();
    await expectRejection(() => open(at('absent')), 'ERR_KLEIO_FILE', at('absent'), 'ENOENT');
  });
});
