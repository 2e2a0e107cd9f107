/** Files that a test writes, in folders that go when the tests of a file are over. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** @param kind stands in its name. */
export function newFolder(kind: string, within = tmpdir()): string {
  const folder = mkdtempSync(join(within, `kleio-${kind}-`));
  afterAll(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Each under a name of its own. */
export class NewFiles {
  readonly folder: string;
  #count = 0;

  /** @param kind stands in the names. */
  constructor(
    readonly kind: string,
    within?: string,
  ) {
    this.folder = newFolder(kind, within);
  }

  /** Where no file lies yet. */
  path(): string {
    this.#count += 1;
    return join(this.folder, `${this.kind}-${this.#count}`);
  }

  /** The path of a file of these bytes. */
  of(bytes: Uint8Array): string {
    const path = this.path();
    writeFileSync(path, bytes);
    return path;
  }
}
