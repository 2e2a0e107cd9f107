/** What a descriptor says of a file that others write to, and what lies beside a file whose folder is exchanged. */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { EmbeddingTable } from 'kleio';
import { afterEach, expect, it, vi } from 'vitest';
import { pause, timeOfDay } from '../../lib/support/clock.js';
import { OpenedFile } from '../../lib/support/opened-file.js';
import { expectRejection } from '../cases/coded-errors.js';
import { NewFiles } from '../cases/new-files.js';
import { bytesOf, safetensorsOf } from '../cases/tensor-files.js';

vi.mock('../../lib/support/clock.js', { spy: true });

const { folder: root } = new NewFiles('opened-file');
const newFolder = () => mkdtempSync(join(root, 'case-'));

afterEach(() => vi.resetAllMocks());

/**
 * Somebody who writes to the file in each of the first `times` pauses that are made for it, by a clock that moves
 * only in pauses. Says how many there were.
 */
function writesIn(path: string, times: number): () => number {
  let pauses = 0;
  let now = 0;
  const write = () => {
    writeFileSync(path, `${pauses}`);
    now = statSync(path).mtimeMs + 5;
  };
  vi.mocked(timeOfDay).mockImplementation(() => now);
  vi.mocked(pause).mockImplementation(async (ms) => {
    pauses += 1;
    if (pauses <= times) write();
    else now += ms;
  });
  write();
  return () => pauses;
}

it('a file is read when nothing has been written to it for as long as its stamps may stay the same', async () => {
  const path = join(newFolder(), 'file');
  const pauses = writesIn(path, 3);
  const file = new OpenedFile(path);
  await file.settled();
  expect(pauses()).toBe(4);
  expect(new TextDecoder().decode(await file.read(0, file.size))).toBe('3');
  await file.requireUnchanged();
  file.close();
});

it('a file that is written to all the time is refused', async () => {
  const path = join(newFolder(), 'file');
  writesIn(path, 1000);
  const file = new OpenedFile(path);
  await expectRejection(() => file.settled(), 'ERR_KLEIO_FILE', path, 'is being written to');
  file.close();
});

/** Values and ids of a table in two files, and their index; `dim` tells the versions. */
function writeShards(folder: string, dim: number): string {
  mkdirSync(folder);
  const values = { dtype: 'I8', shape: [3, dim], bytes: bytesOf(new Int8Array(3 * dim).fill(1)) };
  const ids = { dtype: 'I64', shape: [3], bytes: bytesOf(BigInt64Array.of(1n, 2n, 3n)) };
  writeFileSync(join(folder, 'a.safetensors'), safetensorsOf({ values }));
  writeFileSync(join(folder, 'b.safetensors'), safetensorsOf({ ids }));
  const index = { weight_map: { values: 'a.safetensors', ids: 'b.safetensors' } };
  writeFileSync(join(folder, 'index.json'), JSON.stringify(index));
  return join(folder, 'index.json');
}

async function dimIn(opening: Promise<EmbeddingTable>): Promise<number> {
  using table = await opening;
  return table.dim;
}

it('shards are those of the folder that the path of their index meant in the call', async () => {
  const folder = newFolder();
  const at = (name: string) => join(folder, name);
  writeShards(at('old'), 4);
  writeShards(at('new'), 8);

  symlinkSync('old', at('now'));
  const linked = EmbeddingTable.open(join(at('now'), 'index.json'));
  rmSync(at('now'));
  symlinkSync('new', at('now'));
  expect(await dimIn(linked)).toBe(4);

  cpSync(at('old'), at('moved'), { recursive: true });
  const moved = EmbeddingTable.open(join(at('moved'), 'index.json'));
  renameSync(at('moved'), at('away'));
  renameSync(at('new'), at('moved'));
  expect(await dimIn(moved)).toBe(4);
});

it('an index that was replaced before its shards were opened is refused', async () => {
  const folder = newFolder();
  const [index, other] = [writeShards(join(folder, 'a'), 4), writeShards(join(folder, 'b'), 8)];
  const opening = EmbeddingTable.open(index);
  renameSync(join(folder, 'b', 'a.safetensors'), join(folder, 'a', 'a.safetensors'));
  renameSync(other, index);
  await expectRejection(() => opening, 'ERR_KLEIO_FILE', index, 'was replaced while it was opened');
});

it('a shard that is missing is named by its path', async () => {
  const index = writeShards(join(newFolder(), 'a'), 4);
  const missing = join(index, '..', 'b.safetensors');
  rmSync(missing);
  await expectRejection(
    () => EmbeddingTable.open(index),
    'ERR_KLEIO_FILE',
    `${missing}: ENOENT: no such file or directory`,
  );
});
