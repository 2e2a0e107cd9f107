/**
 * The rooms of the house and the arrows between them, read from the sources.
 *
 * A room is a folder, with the folders in it where ROOMS says so. An arrow is an `#include "…"`, or a relative
 * import of TypeScript. What comes from elsewhere, a package or a header of the system, is an arrow out of the
 * house; the standard library and Node.js's own modules are taken for granted.
 */

import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

import { filesOf, matches, textOf } from './sources.js';

/** Folders that are one room with everything below them. */
const ROOMS = ['lib/cli', 'lib/bench', 'bench', 'test', 'native/kernel_tests', 'native/tools'];

/** They may look at everything and are not drawn; nothing else may look at them. */
const BESIDE_THE_PACKAGE = [
  'bench',
  'test',
  'native/kernel_tests',
  'native/runtime_tests',
  'native/stress',
  'native/tools',
];

/** From one file to another of the house, or to a name outside of it. */
export interface Arrow {
  readonly path: string;
  readonly line: number;
  readonly to: string;
  /** Of `to`, if it is in the house. */
  readonly room?: string;
  /** A header of the standard library. */
  readonly standard?: boolean;
}

/** What a room includes, each with one line that does. */
export interface Room {
  readonly rooms: Map<string, string>;
  readonly outside: Map<string, string>;
}

export type Rooms = ReadonlyMap<string, Room>;

export const isOfThePackage = (room: string): boolean => !BESIDE_THE_PACKAGE.includes(room);

export function roomOf(path: string): string {
  const whole = ROOMS.find((room) => path.startsWith(`${room}/`));
  const folder = dirname(path);
  return whole ?? (folder === '.' ? path : folder);
}

export function arrowsOf(root: string): Arrow[] {
  return filesOf(root)
    .filter((path) => /^(?:native|lib|bench|test)\//.test(path))
    .flatMap((path) => {
      if (/\.(?:h|cc|cu|cuh)$/.test(path)) return includesOf(root, path);
      return /\.(?:ts|mts|mjs|cjs)$/.test(path) ? importsOf(root, path) : [];
    });
}

function includesOf(root: string, path: string): Arrow[] {
  const includes = matches(textOf(root, path), /^\s*#\s*(?:include|import)\b(.*)$/gm);
  return includes.map(({ groups, line }) => {
    const [, mark, name] = /^ (["<])([^">]+)[">]$/.exec(groups[0]!) ?? [];
    // Whatever else it is: no picture has such an arrow.
    if (name === undefined) return { path, line, to: groups[0]!.trim() };
    const beside = [join('native', name), join(dirname(path), name)];
    const to = mark === '"' && beside.find((file) => existsSync(join(root, file)));
    if (to) return { path, line, to, room: roomOf(to) };
    return { path, line, to: name, standard: !name.includes('.') };
  });
}

function importsOf(root: string, path: string): Arrow[] {
  return matches(withoutComments(textOf(root, path)), IMPORT).flatMap(
    ({ groups, line }): Arrow[] => {
      const name = groups[0]!;
      if (name.startsWith('.')) {
        const to = normalize(join(dirname(path), name));
        return [{ path, line, to, room: roomOf(to) }];
      }
      return name.startsWith('node:') ? [] : [{ path, line, to: packageOf(name) }];
    },
  );
}

/** `from '…'`, `import '…'`, `import('…')`, `require('…')` and what `createRequire` made, in any quotes. */
const IMPORT = /(?:\bfrom|\bimport|\bimport\(|(?<!#)\brequire\(|\)\()\s*['"`]([^'"`\s,]+)['"`]/g;

/** The same lines, those of comments empty. */
const withoutComments = (text: string): string => text.replace(/^\s*(?:\*|\/\*|\/\/).*$/gm, '');

const packageOf = (name: string): string => /^(?:@[^/]+\/)?[^/]+/.exec(name)![0];

export function roomsOf(arrows: readonly Arrow[]): Rooms {
  const rooms = new Map<string, Room>();
  const roomNamed = (name: string): Room => {
    const room = rooms.get(name) ?? { rooms: new Map(), outside: new Map() };
    rooms.set(name, room);
    return room;
  };
  for (const { path, line, to, room, standard } of arrows) {
    const from = roomOf(path);
    if (!isOfThePackage(from) || standard || room === from) continue;
    const example = `${path}:${line}`;
    if (room === undefined) {
      if (!roomNamed(from).outside.has(to)) roomNamed(from).outside.set(to, example);
    } else if (isOfThePackage(room)) {
      roomNamed(room);
      if (!roomNamed(from).rooms.has(room)) roomNamed(from).rooms.set(room, example);
    }
  }
  return rooms;
}
