/** `npm run gpu:pack`: the packages that go along are all that those need which were asked for. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { copyPackages, neededPackages } from '../../bench/gpu/packages.js';

const root = resolve(__dirname, '..', '..');
let folder: string;
const places = neededPackages(root, ['vitest', 'fast-check']);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'kleio-kit-'));
  copyPackages(root, places, folder);
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

it('holds whatever a package in it needs', () => {
  expect(places).toContain('node_modules/rollup');
  const missing = places.flatMap((place) => {
    const path = join(folder, place, 'package.json');
    const { dependencies = {} } = JSON.parse(readFileSync(path, 'utf8')) as {
      dependencies?: Record<string, string>;
    };
    const paths = createRequire(path).resolve.paths('x')!;
    return Object.keys(dependencies)
      .filter((name) => !paths.some((at) => existsSync(join(at, name))))
      .map((name) => `${place} needs ${name}`);
  });
  expect(missing).toEqual([]);
});

it('holds nothing that nobody needs there, and every licence', () => {
  expect(places.filter((place) => /biome|typescript|@types\/node/.test(place))).toEqual([]);
  const files = readdirSync(folder, { recursive: true }).map(String);
  expect(files.filter((name) => /\.(d\.ts|map)$|readme\.md$/i.test(name))).toEqual([]);
  const licensed = (place: string, at: string) =>
    readdirSync(join(at, place)).some((name) => /^licen[cs]e/i.test(name));
  for (const place of places) {
    if (licensed(place, root)) expect(licensed(place, folder), place).toBe(true);
  }
});
