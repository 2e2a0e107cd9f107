/** Files that may not be there. */

import { existsSync, readFileSync } from 'node:fs';

export function textOf(path: string): string | undefined {
  try {
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined; // of a process that ended meanwhile
  }
}
