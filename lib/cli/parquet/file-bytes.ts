/** The bytes of a file, which is opened once and must stay as it was then. */

import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

import { codedError } from '../../support/errors.js';
import { fileError } from '../file-errors.js';

export class FileBytes {
  readonly size: number;
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #opened: BigIntStats;

  private constructor(path: string, handle: FileHandle, opened: BigIntStats) {
    this.#path = path;
    this.#handle = handle;
    this.#opened = opened;
    this.size = Number(opened.size);
  }

  /** Never waits: a FIFO is refused, not read. */
  static async open(path: string): Promise<FileBytes> {
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause) => {
      throw fileError(path, cause);
    });
    try {
      const opened = await handle.stat({ bigint: true });
      if (opened.isFile()) return new FileBytes(path, handle, opened);
      throw codedError('ERR_KLEIO_FILE', `${path}: is no regular file`);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async read(start: number, end: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(end - start);
    for (let filled = 0; filled < bytes.length; ) {
      const { bytesRead } = await this.#handle
        .read(bytes, filled, bytes.length - filled, start + filled)
        .catch((cause) => {
          throw fileError(this.#path, cause);
        });
      if (bytesRead === 0) throw new Error(`ends before byte ${end}`);
      filled += bytesRead;
    }
    return bytes;
  }

  /** Whether what was read may be of another state than that of opening. */
  async hasChanged(): Promise<boolean> {
    const now = await this.#handle.stat({ bigint: true });
    // Another name, or none, is no change of the file.
    const { size, mtimeNs } = this.#opened;
    return now.size !== size || now.mtimeNs !== mtimeNs;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
