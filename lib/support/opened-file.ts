/**
 * Files to read. A path is resolved once, in the call that it was given to; whatever is read after that,
 * here or by the binary, comes through one descriptor, and all of it is from one moment.
 */

import type { BigIntStats } from 'node:fs';

import { codedError, isCoded, thrownText, unreadable } from './errors.js';
import { systemReason } from './file-errors.js';
import { crypto, fs, timers } from './node-builtins.js';

/** Nobody waits for the writer of a pipe, and no terminal becomes the process's own. */
const FLAGS = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY;

/**
 * Longest step of the clock that file systems stamp files with. A change within the step of the one before
 * leaves no trace, so a file that has just been written is stamped a step later.
 */
const CLOCK_STEP_MS = 20;

/** The system reads no more than 2^31 − 1 bytes in one call. */
const MOST_AT_ONCE = 2 ** 30;

/** Of more readings than that nothing is remembered: 65 536 take about 20 MB. */
const MOST_READINGS = 65_536;

interface Reading {
  readonly position: number;
  readonly length: number;
  readonly digest: string;
}

/** What is read of it, and where: as the binary takes it, too (`NativeFile`). */
export class OpenedFile {
  readonly path: string;
  readonly descriptor: number;
  #stamp: BigInt64Array;
  #settled: Promise<void> | undefined;
  /** By where they begin and how long they are: who reads again is not remembered again. Undefined: too many. */
  #readings: Map<string, Reading> | undefined = new Map();

  /** @param path as messages name it, absolute where it was given before. Throws ERR_KLEIO_FILE, also for what is no regular file. */
  constructor(path: string) {
    this.path = path;
    this.descriptor = attempt(path, () => fs.openSync(path, FLAGS));
    try {
      const status = this.#status();
      if (!status.isFile()) {
        throw codedError('ERR_KLEIO_FILE', `${path}: is ${kindOf(status)}, not a regular file`);
      }
      this.#stamp = stampOf(status);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  get size(): number {
    return Number(this.#stamp[0]);
  }

  /** What tells the file from itself after a change: its size and, in nanoseconds, mtime and ctime. */
  get stamp(): BigInt64Array {
    return this.#stamp;
  }

  /** Must be awaited before `size` and `stamp` are used. `read` does it. */
  settled(): Promise<void> {
    this.#settled ??= this.#settle();
    return this.#settled;
  }

  /** Throws ERR_KLEIO_FILE; ERR_KLEIO_FORMAT where the file ends before that. */
  async read(position: number, length: number): Promise<Uint8Array> {
    await this.settled();
    const bytes = await this.#bytesAt(position, length);
    this.#remember({ position, length, digest: digestOf(bytes) });
    return bytes;
  }

  /**
   * Throws ERR_KLEIO_FILE if what was read here is not what the file held from the first byte to now. A
   * change of ctime alone is also that of a name: then what was read is read again, if it was not too much.
   */
  async requireUnchanged(): Promise<void> {
    const [size, modified, changed] = stampOf(this.#status());
    const same = size === this.#stamp[0] && modified === this.#stamp[1];
    if (same && (changed === this.#stamp[2] || (await this.#readsTheSame()))) return;
    throw this.#changed();
  }

  close(): void {
    fs.closeSync(this.descriptor);
  }

  #remember(reading: Reading): void {
    if (this.#readings === undefined) return;
    const place = `${reading.position}+${reading.length}`;
    const earlier = this.#readings.get(place);
    if (earlier === undefined) this.#readings.set(place, reading);
    else if (earlier.digest !== reading.digest) throw this.#changed();
    if (this.#readings.size > MOST_READINGS) this.#readings = undefined;
  }

  #changed(): Error {
    return codedError('ERR_KLEIO_FILE', `${this.path}: was changed while it was read`);
  }

  async #settle(): Promise<void> {
    const written = Number(this.#stamp[2]! / 1_000_000n);
    const age = Date.now() - written;
    if (age >= 0 && age < CLOCK_STEP_MS) await timers.setTimeout(CLOCK_STEP_MS);
    this.#stamp = stampOf(this.#status());
  }

  async #readsTheSame(): Promise<boolean> {
    if (this.#readings === undefined) return false;
    for (const { position, length, digest } of this.#readings.values()) {
      if (digestOf(await this.#bytesAt(position, length)) !== digest) return false;
    }
    return true;
  }

  async #bytesAt(position: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const count = await this.#readInto(
        bytes.subarray(filled, filled + MOST_AT_ONCE),
        position + filled,
      );
      if (count === 0) {
        throw codedError('ERR_KLEIO_FORMAT', `${this.path}: ends at byte ${position + filled}`);
      }
      filled += count;
    }
    return bytes;
  }

  #readInto(bytes: Uint8Array, position: number): Promise<number> {
    return new Promise((resolve, reject) => {
      fs.read(this.descriptor, bytes, 0, bytes.length, position, (cause, count) => {
        if (cause) reject(refused(this.path, cause));
        else resolve(count);
      });
    });
  }

  #status(): BigIntStats {
    return attempt(this.path, () => fs.fstatSync(this.descriptor, { bigint: true }));
  }
}

/** The files of one call. */
export class OpenedFiles {
  readonly #files: OpenedFile[] = [];

  /** @param path absolute. Throws as the constructor of `OpenedFile`. */
  open(path: string): OpenedFile {
    const file = new OpenedFile(path);
    this.#files.push(file);
    return file;
  }

  async requireUnchanged(): Promise<void> {
    for (const file of this.#files) await file.requireUnchanged();
  }

  close(): void {
    for (const file of this.#files.splice(0)) file.close();
  }
}

/** Where a file was changed, that is what went wrong, whatever else then seemed to be. */
async function resultOrChange<Result>(
  files: OpenedFiles,
  read: (files: OpenedFiles) => Promise<Result>,
): Promise<Result> {
  try {
    return await read(files);
  } catch (error) {
    await files.requireUnchanged();
    throw error;
  }
}

/**
 * What `read` makes of the files it opens, which it begins to do at once; they are closed afterwards,
 * whatever happens. Rejects with ERR_KLEIO_FILE if one was changed meanwhile.
 */
export async function readingFiles<Result>(
  read: (files: OpenedFiles) => Promise<Result>,
): Promise<Result> {
  const files = new OpenedFiles();
  try {
    const result = await resultOrChange(files, read);
    await files.requireUnchanged();
    return result;
  } catch (error) {
    throw isCoded(error) ? error : unreadable('a file', error);
  } finally {
    files.close();
  }
}

function digestOf(bytes: Uint8Array): string {
  return crypto.createHash('sha1').update(bytes).digest('hex');
}

function stampOf({ size, mtimeNs, ctimeNs }: BigIntStats): BigInt64Array {
  return BigInt64Array.of(size, mtimeNs, ctimeNs);
}

function kindOf(status: BigIntStats): string {
  if (status.isDirectory()) return 'a directory';
  if (status.isFIFO()) return 'a pipe';
  if (status.isSocket()) return 'a socket';
  return 'a device';
}

function attempt<Result>(path: string, call: () => Result): Result {
  try {
    return call();
  } catch (cause) {
    throw refused(path, cause);
  }
}

/** Only the system refuses here, whatever realm its errors are of. */
function refused(path: string, cause: unknown): Error {
  return codedError('ERR_KLEIO_FILE', `${path}: ${systemReason(cause) ?? thrownText(cause)}`, {
    cause,
  });
}
