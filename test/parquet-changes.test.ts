/** A parquet file is read as it was when it was opened, or not at all. */
import { renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { ParquetFile } from '../lib/cli/parquet/parquet-file.js';
import { NewFiles } from './cases/new-files.js';

const files = new NewFiles('parquet-changes');
const ROWS = 5000;
/** Of the same length, whatever the first id. */
const bytesFrom = (first: bigint) =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        {
          name: 'id',
          data: BigInt64Array.from({ length: ROWS }, (_, row) => first + BigInt(row)),
          type: 'INT64',
          encoding: 'PLAIN',
        },
      ],
      codec: 'UNCOMPRESSED',
      statistics: false,
      rowGroupSize: 100,
    }),
  );
const [before, after] = [bytesFrom(0n), bytesFrom(1_000_000n)];
const STAMP = new Date('2020-01-01T00:00:00Z');

function written(): string {
  const path = files.of(before);
  utimesSync(path, STAMP, STAMP);
  return path;
}

/** The ids, `change` done to the file after the first row. */
async function readThrough(path: string, change: () => void): Promise<bigint[]> {
  const file = await ParquetFile.open(path, { id: 'id' });
  try {
    const ids: bigint[] = [];
    for await (const row of file.read()) {
      if (ids.push(row.id('id')) === 1) change();
    }
    return ids;
  } finally {
    file.close();
  }
}

describe('changed while it is read', () => {
  it.each<[string, (path: string) => void]>([
    ['written over', (path) => writeFileSync(path, after)],
    [
      'written over by as many bytes, of the same mtime',
      (path) => {
        writeFileSync(path, after);
        utimesSync(path, STAMP, STAMP);
      },
    ],
    ['truncated', (path) => truncateSync(path, 1000)],
    ['emptied', (path) => truncateSync(path, 0)],
  ])('%s, it is refused', async (_, change) => {
    const path = written();
    await expect(readThrough(path, () => change(path))).rejects.toMatchObject({
      code: 'ERR_KLEIO_FILE',
      message: expect.stringContaining(`${path}: was changed while it was read`),
    });
  });

  it.each<[string, (path: string) => void]>([
    ['renamed', (path) => renameSync(path, `${path}.old`)],
    ['replaced', (path) => renameSync(files.of(after), path)],
    ['removed', (path) => rmSync(path)],
  ])('%s, it is the file that was opened', async (_, change) => {
    const path = written();
    const ids = await readThrough(path, () => change(path));
    expect(ids).toEqual(Array.from({ length: ROWS }, (__, row) => BigInt(row)));
  });
});
