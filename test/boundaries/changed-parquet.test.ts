/** A parquet file is of one moment for as long as it is read, however little tells of a change. */
import { linkSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ParquetFile } from '../../lib/cli/parquet/parquet-file.js';
import { expectRejection } from '../cases/coded-errors.js';
import { NewFiles } from '../cases/new-files.js';
import { idColumn, parquetSketch } from '../cases/parquet-sketch.js';

const files = new NewFiles('changed-parquet');

const ofIds = (first: bigint, second: bigint): Uint8Array =>
  parquetSketch([first, second].map((id) => ({ rows: 1, columns: [idColumn('id', [id])] })));

/** The rows of a file, read `times` times, to which `change` happens after the row that `changed` counts. */
async function rowsOf(path: string, change: () => void, times = 1, changed = 1): Promise<bigint[]> {
  const file = await ParquetFile.open(path, { id: 'id' });
  try {
    const rows: bigint[] = [];
    for (let time = 0; time < times; ++time) {
      for await (const row of file.read()) {
        if (rows.push(row.id('id')) === changed) change();
      }
    }
    return rows;
  } finally {
    file.close();
  }
}

/** Other bytes in place, as many as before and with the mtime of before. */
function rewrite(path: string, bytes: Uint8Array): void {
  const { atime, mtime } = statSync(path);
  writeFileSync(path, bytes, { flag: 'r+' });
  utimesSync(path, atime, mtime);
}

/** Times that `utimes` can set again, to the nanosecond. */
function fileOf(bytes: Uint8Array): string {
  const path = files.of(bytes);
  utimesSync(path, 1_700_000_000, 1_700_000_000);
  return path;
}

describe('changed in place, under the same size and mtime', () => {
  const changed = 'was changed while it was read';

  it('is refused where what was read is there no longer', async () => {
    const path = fileOf(ofIds(1n, 2n));
    const reading = () => rowsOf(path, () => rewrite(path, ofIds(3n, 2n)));
    await expectRejection(reading, 'ERR_KLEIO_FILE', path, changed);
  });

  it('is refused where it is read again and says something else', async () => {
    const path = fileOf(ofIds(1n, 2n));
    const reading = () => rowsOf(path, () => rewrite(path, ofIds(1n, 3n)), 2, 3);
    await expectRejection(reading, 'ERR_KLEIO_FILE', path, changed);
  });

  it('is what it is now where nothing else was read', async () => {
    const path = fileOf(ofIds(1n, 2n));
    expect(await rowsOf(path, () => rewrite(path, ofIds(1n, 3n)))).toEqual([1n, 3n]);
  });
});

it('is read on, again and again, under another name or none', async () => {
  const path = fileOf(ofIds(1n, 2n));
  const away = `${path}-away`;
  expect(await rowsOf(path, () => renameSync(path, away), 2)).toEqual([1n, 2n, 1n, 2n]);
  expect(await rowsOf(away, () => linkSync(away, path))).toEqual([1n, 2n]);
  expect(await rowsOf(path, () => rmSync(path), 2)).toEqual([1n, 2n, 1n, 2n]);
});
