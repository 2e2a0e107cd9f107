/** Files that a test writes, each under a name of its own in a folder that goes when the tests are over. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export class NewFiles {
  readonly folder: string;
  #count = 0;

  /** @param kind stands in the names. */
  constructor(readonly kind: string) {
    this.folder = mkdtempSync(join(tmpdir(), `kleio-${kind}-`));
    afterAll(() => rmSync(this.folder, { recursive: true }));
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
