/** The packages that a program needs of `node_modules`, without what only people and compilers read. */

import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Locked {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

type Lock = Readonly<Record<string, Locked>>;

const LICENCE = /\/(licen[cs]e|notice|copying)[^/]*$/i;
/** Types, maps and prose. */
const UNREAD =
  /\.(d\.[cm]?ts|map|md|markdown|tsbuildinfo|flow)$|\/(docs?|man|test|tests|__tests__|examples?)$/i;

/** Folders below the root: `roots` and all that they need, as far as it is installed. */
export function neededPackages(root: string, roots: readonly string[]): string[] {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Lock;
  };
  const found = new Set<string>();
  const visit = (name: string, from: string) => {
    const place = placeOf(packages, name, from);
    // What another platform needs, or what is optional, is not there.
    if (place === undefined || found.has(place) || !existsSync(join(root, place))) return;
    found.add(place);
    const { dependencies, optionalDependencies, peerDependencies } = packages[place]!;
    const needed = { ...dependencies, ...optionalDependencies };
    for (const next of Object.keys(needed)) visit(next, place);
    // A peer is needed where it is there for something else, too.
    for (const next of Object.keys(peerDependencies ?? {})) if (next in needed) visit(next, place);
  };
  for (const name of roots) visit(name, '');
  return [...found].sort();
}

/** As Node.js looks for it: in the folder of whoever asks, then in those around it. */
function placeOf(packages: Lock, name: string, from: string): string | undefined {
  const around = from === '' ? [] : from.split(/\/(?=node_modules\/)/);
  for (let depth = around.length; depth >= 0; --depth) {
    const place = [...around.slice(0, depth), `node_modules/${name}`].join('/');
    if (place in packages) return place;
  }
  return undefined;
}

/** Copies them below another root. */
export function copyPackages(root: string, places: readonly string[], to: string): void {
  for (const place of places) {
    cpSync(join(root, place), join(to, place), {
      recursive: true,
      filter: (path) => {
        const within = path.slice(join(root, place).length);
        // Packages inside are listed by themselves.
        return (
          (LICENCE.test(within) || !UNREAD.test(within)) && !within.startsWith('/node_modules')
        );
      },
    });
  }
}
