/** The files of a folder of data are those of the folder that its path meant at first. */
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { dataPaths } from '../lib/cli/taobao/taobao-paths.js';
import { NewFiles } from './cases/new-files.js';

const { folder } = new NewFiles('taobao-paths');

it('are of every usual ending', () => {
  const place = join(folder, 'endings');
  mkdirSync(place);
  const names = ['test_samples.parq', 'test_user_features.pq', 'item_features.PARQUET'];
  for (const name of [...names, 'item_features.csv']) writeFileSync(join(place, name), '');
  const found = Object.values(dataPaths(place, 'test')).flat();
  expect(found.map((path: string) => basename(path))).toEqual(names);
});

it('is read as one where a link to it leads to another one meanwhile', () => {
  for (const version of ['old', 'new']) {
    mkdirSync(join(folder, version));
    for (const name of ['test_samples', 'test_user_features', 'item_features']) {
      writeFileSync(join(folder, version, `${name}.parquet`), version);
    }
  }
  const link = join(folder, 'now');
  symlinkSync('old', link);
  const paths = dataPaths(link, 'test');
  rmSync(link);
  symlinkSync('new', link);
  const read = Object.values(paths)
    .flat()
    .map((path: string) => readFileSync(path, 'utf8'));
  expect(read).toEqual(['old', 'old', 'old']);
});
