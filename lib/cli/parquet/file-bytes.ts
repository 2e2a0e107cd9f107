/** The bytes of a file, which is opened once and must stay as it was then. */

import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

export class FileBytes {
  readonly size: number;
  readonly #handle: FileHandle;
  readonly #opened: BigIntStats;

  private constructor(handle: FileHandle, opened: BigIntStats) {
    this.#handle = handle;
    this.#opened = opened;
    this.size = Number(opened.size);
  }

  /** Never waits: a FIFO is refused, not read. */
  static async open(path: string): Promise<FileBytes> {
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause) => {
      throw new Error(`cannot be opened: ${reason(cause)}`, { cause });
    });
    try {
      const opened = await handle.stat({ bigint: true });
      if (!opened.isFile()) throw new Error('is no regular file');
      return new FileBytes(handle, opened);
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
          throw new Error(`cannot be read: ${reason(cause)}`, { cause });
        });
      if (bytesRead === 0) throw new Error(`ends before byte ${end}`);
      filled += bytesRead;
    }
    return bytes;
  }

  /** Whether what was read may be of another state than that of opening. */
  async hasChanged(): Promise<boolean> {
    const now = await this.#handle.stat({ bigint: true });
    const { size, mtimeNs, ctimeNs } = this.#opened;
    return now.size !== size || now.mtimeNs !== mtimeNs || now.ctimeNs !== ctimeNs;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** Of an error of the system without its path, which the caller names: `no such file or directory`. */
export function reason(error: unknown): string {
  const { message } = error as Error;
  return /^\w+: (.*?), \w+( '.*')?$/s.exec(message)?.[1] ?? message;
}
