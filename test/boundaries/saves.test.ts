/** What a save leaves behind, however it ends and whatever lies at its path or happens beside it. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { EmbeddingTable, IndexTree } from 'kleio';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectRejection, untyped } from '../cases/coded-errors.js';
import { expectRefusal, kleio } from '../cases/command-line.js';
import { NewFiles } from '../cases/new-files.js';

const { folder: root } = new NewFiles('saves');
const newFolder = () => mkdtempSync(join(root, 'case-'));

const DIM = 8;
const treeOf = (rows: number, dim = DIM) => {
  const values = Int8Array.from({ length: rows * dim }, (_, i) => Math.imul(i + rows, 40503) >> 7);
  return IndexTree.build(EmbeddingTable.from(values, { dim }));
};
/** Saves a tree of 20 000 items until it is ended. */
const PROGRAM = join(__dirname, '..', 'programs', 'saves-until-killed.mjs');
const LONG_SAVED = join(root, 'long-saved.tree');
let small: IndexTree;
let large: IndexTree;
beforeAll(async () => {
  small = await treeOf(5);
  large = await treeOf(20_000);
  using longSaved = await treeOf(20_000, 64);
  await longSaved.save(LONG_SAVED);
});

async function itemsIn(path: string): Promise<number> {
  const opened = await IndexTree.open(path);
  const { items } = opened;
  opened.close();
  return items;
}

/** The file is the small tree, and there is nothing beside it but `others`. */
async function expectSaved(folder: string, name: string, ...others: string[]): Promise<void> {
  expect(await itemsIn(join(folder, name))).toBe(5);
  expect(readdirSync(folder).sort()).toEqual([name, ...others].sort());
}

describe('saves at once', () => {
  it.each([2, 8])('of %i trees to one path leave one of them, whole', async (count) => {
    const folder = newFolder();
    const path = join(folder, 'items.tree');
    for (let round = 0; round < 10; ++round) {
      const trees = Array.from({ length: count }, (_, i) => (i % 2 === 0 ? large : small));
      await Promise.all(trees.map((tree) => tree.save(path)));
      expect([5, 20_000]).toContain(await itemsIn(path));
      expect(readdirSync(folder)).toEqual(['items.tree']);
    }
  });

  it('and opens see a whole tree at any time', async () => {
    const path = join(newFolder(), 'items.tree');
    await small.save(path);
    let saving = true;
    const saves = (async () => {
      for (let round = 0; round < 20; ++round) await (round % 2 ? small : large).save(path);
      saving = false;
    })();
    const seen = new Set<number>();
    while (saving) seen.add(await itemsIn(path));
    await saves;
    for (const items of seen) expect([5, 20_000]).toContain(items);
  });
});

describe('what lies at the path', () => {
  it.each([0o600, 0o640, 0o444, 0o755])('keeps its permissions, 0%o', async (mode) => {
    const folder = newFolder();
    const path = join(folder, 'items.tree');
    writeFileSync(path, 'before');
    chmodSync(path, mode);
    await small.save(path);
    expect(statSync(path).mode & 0o7777).toBe(mode);
    await expectSaved(folder, 'items.tree');
  });

  it('is created as every program creates files', async () => {
    const path = join(newFolder(), 'items.tree');
    await small.save(path);
    expect(statSync(path).mode & 0o7777).toBe(0o666 & ~process.umask());
  });

  it('stays a link, and what it leads to is written', async () => {
    const folder = newFolder();
    mkdirSync(join(folder, 'there'));
    writeFileSync(join(folder, 'there', 'items.tree'), 'before');
    symlinkSync('there/second', join(folder, 'first'));
    symlinkSync(join(folder, 'there', 'items.tree'), join(folder, 'there', 'second'));
    await small.save(join(folder, 'first'));
    expect(readlinkSync(join(folder, 'first'))).toBe('there/second');
    await expectSaved(join(folder, 'there'), 'items.tree', 'second');
  });

  it('is created where a link leads to nothing yet', async () => {
    const folder = newFolder();
    symlinkSync('absent', join(folder, 'link'));
    await small.save(join(folder, 'link'));
    await expectSaved(folder, 'absent', 'link');
  });

  it('is refused if it is no regular file, and stays', async () => {
    const folder = newFolder();
    const at = (name: string) => join(folder, name);
    mkdirSync(at('folder'));
    execFileSync('mkfifo', [at('pipe')]);
    const server = createServer().listen(at('socket'));
    await once(server, 'listening');
    symlinkSync('/dev/null', at('device'));
    symlinkSync('loop', at('loop'));
    const kinds = { folder: 'a directory', pipe: 'a pipe', socket: 'a socket', device: 'a device' };
    for (const [name, kind] of Object.entries(kinds)) {
      await expectRejection(() => small.save(at(name)), 'ERR_KLEIO_FILE', at(name), kind);
    }
    await expectRejection(() => small.save(at('loop')), 'ERR_KLEIO_FILE', at('loop'));
    await expectRejection(() => small.save(`${at('folder')}/`), 'ERR_KLEIO_FILE', 'a directory');
    expect(lstatSync(at('pipe')).isFIFO()).toBe(true);
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    server.close();
    await once(server, 'close');
    expect(readdirSync(folder).sort()).toEqual(['device', 'folder', 'loop', 'pipe']);
  });

  it('is never something that another program guessed', async () => {
    const folder = newFolder();
    const path = join(folder, 'items.tree');
    const victim = join(folder, 'victim');
    writeFileSync(victim, 'mine');
    symlinkSync(victim, `${path}.partial-${process.pid}`);
    await small.save(path);
    expect(readFileSync(victim, 'utf8')).toBe('mine');
    await expectSaved(folder, 'items.tree', 'victim', `items.tree.partial-${process.pid}`);
  });
});

describe('a save that fails', () => {
  it.each<[string, unknown]>([
    ['no path', undefined],
    ['an empty one', ''],
    ['one with a zero', 'a\0b'],
    ['a URL of another kind', new URL('http://localhost/x')],
  ])('is refused for %s', (_, path) =>
    expectRejection(() => small.save(untyped(path)), 'ERR_KLEIO_ARGUMENT', 'path'),
  );

  it('names a folder that is not there, and one that is a file', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'file'), 'x');
    for (const name of ['absent/items.tree', 'file/items.tree', 'n'.repeat(300)]) {
      const path = join(folder, name);
      await expectRejection(() => small.save(path), 'ERR_KLEIO_FILE', path);
    }
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('for want of room leaves what was there, and nothing else', async () => {
    const folder = newFolder();
    const path = join(folder, 'items.tree');
    await small.save(path);
    const limited = `ulimit -f 64; exec ${JSON.stringify(process.execPath)} "$@"`;
    const child = spawn('bash', ['-c', limited, 'bash', PROGRAM, LONG_SAVED, path]);
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    const [code] = await once(child, 'close');
    expect(said).toContain('ERR_KLEIO_FILE');
    expect(code).toBe(1);
    await expectSaved(folder, 'items.tree');
  });

  it('because its process was killed leaves nothing behind', async () => {
    const folder = newFolder();
    const path = join(folder, 'items.tree');
    for (let round = 0; round < 5; ++round) {
      const child = spawn(process.execPath, [PROGRAM, LONG_SAVED, path]);
      await once(child.stdout, 'data');
      await pause(round * 7);
      child.kill('SIGKILL');
      await once(child, 'close');
      expect(await itemsIn(path)).toBe(20_000);
      expect(readdirSync(folder)).toEqual(['items.tree']);
    }
  });
});

describe('a path', () => {
  it('is taken as it is when the call is made', async () => {
    const [before, after] = [newFolder(), newFolder()];
    const start = process.cwd();
    try {
      process.chdir(before);
      const saving = [small.save('items.tree'), small.save(`../${after.slice(root.length + 1)}/x`)];
      process.chdir(after);
      await Promise.all(saving);
    } finally {
      process.chdir(start);
    }
    await expectSaved(before, 'items.tree');
    await expectSaved(after, 'x');
  });

  it('may be a URL, and lead through a folder that is exchanged meanwhile', async () => {
    const folder = newFolder();
    const [one, two] = [join(folder, 'one'), join(folder, 'two')];
    mkdirSync(one);
    mkdirSync(two);
    symlinkSync('one', join(folder, 'now'));
    const saving = small.save(pathToFileURL(join(folder, 'now', 'items.tree')));
    rmSync(join(folder, 'now'));
    symlinkSync('two', join(folder, 'now'));
    await saving;
    await expectSaved(one, 'items.tree');
    expect(readdirSync(two)).toEqual([]);
  });
});

describe('what the command line writes', () => {
  it('is whole, keeps links and permissions, and is no device', async () => {
    const folder = newFolder();
    const tree = join(folder, 'items.tree');
    await small.save(tree);
    const page = join(folder, 'page.html');
    writeFileSync(page, 'before');
    chmodSync(page, 0o600);
    symlinkSync('page.html', join(folder, 'link.html'));
    const report = ['tree', 'report', '--tree', tree, '--out'];
    expect((await kleio(...report, join(folder, 'link.html'))).code).toBe(0);
    expect(lstatSync(join(folder, 'link.html')).isSymbolicLink()).toBe(true);
    expect(readFileSync(page, 'utf8')).toContain('<html');
    expect(statSync(page).mode & 0o777).toBe(0o600);
    await expectRefusal([...report, '/dev/null'], 'it is a device, not a regular file');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(readdirSync(folder).sort()).toEqual(['items.tree', 'link.html', 'page.html']);
  });
});
