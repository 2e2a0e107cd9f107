/**
 * Names that lead where they say.
 *
 * A file is found by its name: no two files of the package are of one stem in two folders (a header and its
 * source stand in one). And a path that a comment or a page mentions is there.
 */

import { basename, dirname, extname, join, normalize } from 'node:path';

import { filesOf, matches, textOf } from './sources.js';

/** Where a mention may begin from, beside the file's own folder. */
const FROM = ['', 'native', 'lib', 'bench'];
const MENTION =
  /(?<![\w./@{}*$-])((?:native|lib|bench|test|docs|examples|core|cpu|cuda|tree(?!\/bench)|addon)\/[\w./-]*(?:\{[\w,-]+\})?[\w./-]*\.(?:cc|cuh?|h|m?ts|mjs|md|sh|py))\b/g;
const WRITTEN =
  /\.(?:h|cc|cu|cuh|ts|mts|mjs|md|json|gypi?|cmake|sh|py)$|(?:^|\/)CMakeLists\.txt$|^\.ci\//;
/** Tests, commands and cases have the names of what they are about. */
const OWN_NAMES = /^(?:native\/[a-z]+_tests|lib\/cli|lib\/bench\/cases)\//;
/** What was true once, or is what a program makes, or an example of a fault. */
const FREE =
  /^(?:CHANGELOG\.md|package-lock\.json|bench\/(?:results|peers\/package)|test\/(?:golden|house)\/)/;

export function nameFaults(root: string): string[] {
  const files = filesOf(root);
  const unread = files.filter(isUnread).map((path) => `${path}: no check reads such a file`);
  return [...unread, ...sameStems(files), ...lostMentions(root, files)];
}

/** Code under a name that no check of the house reads. */
const isUnread = (path: string): boolean =>
  /^(?:native|lib)\//.test(path) &&
  !/\.(?:h|cc|cu|cuh|m?ts|mjs|cjs|sh|json|gypi|cmake|txt)$/.test(path) &&
  !/^native\/tools\/arm64\/node$/.test(path);

function sameStems(files: readonly string[]): string[] {
  const folders = new Map<string, Set<string>>();
  for (const path of files) {
    const [, part] = /^(native|lib)\/.*\.(?:h|cc|cu|cuh|ts)$/.exec(path) ?? [];
    if (part === undefined || OWN_NAMES.test(path)) continue;
    const key = `${part}: ${basename(path, extname(path))}`;
    folders.set(key, new Set([...(folders.get(key) ?? []), dirname(path)]));
  }
  return [...folders]
    .filter(([, of]) => of.size > 1)
    .map(([key, of]) => `${key.replace(/.*: /, '')} is in ${[...of].join(' and ')}`);
}

function lostMentions(root: string, files: readonly string[]): string[] {
  const known = new Set(files);
  const isThere = (mention: string, path: string) =>
    [...FROM, dirname(path)].some((from) => known.has(normalize(join(from, mention))));
  return files
    .filter((path) => WRITTEN.test(path) && !FREE.test(path))
    .flatMap((path) =>
      matches(textOf(root, path), MENTION).flatMap(({ groups, line }) =>
        alternatives(groups[0]!)
          .filter((one) => !isThere(one, path))
          .map((one) => `${path}:${line}: there is no ${one}`),
      ),
    );
}

/** `scan_{avx2,avx512}.cc` names two files. */
function alternatives(mention: string): string[] {
  const [, before, list, after] = /^(.*)\{(.*)\}(.*)$/.exec(mention) ?? [];
  return list === undefined ? [mention] : list.split(',').map((one) => before + one + after);
}
