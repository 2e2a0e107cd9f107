/**
 * Files to read. A path is resolved once, in the call that it was given to; whatever is read after that,
 * here or by the binary, comes through one descriptor, and all of it is from one moment.
 */

import type { BigIntStats } from 'node:fs';

import { nextTurn, pause, timeOfDay } from './clock.js';
import { codedError, isCoded, thrownText, unreadable } from './errors.js';
import { systemReason } from './file-errors.js';
import { crypto, fs, path as paths } from './node-builtins.js';

/** Nobody waits for the writer of a pipe, and no terminal becomes the process's own. */
const FLAGS = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK | fs.constants.O_NOCTTY;

/**
 * Longest step of the clock that file systems stamp files with. A change within the step of the one before
 * leaves no trace, so a file is stamped when nothing has been written to it for a step.
 */
const CLOCK_STEP_MS = 20;

/** A second in all. */
const MOST_WAITS = 50;

/**
 * Read on the event loop, which turns in between. The pool of Node.js is not asked: where the system gives it no
 * thread, it ends the process.
 */
const MOST_AT_ONCE = 2 ** 18;

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

  /**
   * @param path absolute, as error texts show it.
   * @param place where it is opened. Throws ERR_KLEIO_FILE, also for what is no regular file.
   */
  constructor(path: string, place = path) {
    this.path = path;
    this.descriptor = attempt(path, () => fs.openSync(place, FLAGS));
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

  /** Whether this is the file that lies there now. */
  isAt(place: string): boolean {
    const there = attempt(this.path, () => fs.statSync(place, { bigint: true }));
    const { dev, ino } = this.#status();
    return there.dev === dev && there.ino === ino;
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

  /** Somebody who writes on and on is not waited for; who only gives the file names does no harm. */
  async #settle(): Promise<void> {
    this.#stamp = stampOf(this.#status());
    for (let waits = 0; isFresh(this.#stamp[2]!) && waits < MOST_WAITS; ++waits) {
      await pause(CLOCK_STEP_MS);
      this.#stamp = stampOf(this.#status());
    }
    if (!isFresh(this.#stamp[1]!)) return;
    throw codedError('ERR_KLEIO_FILE', `${this.path}: is being written to`);
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
      if (filled > 0) await nextTurn();
      const most = Math.min(length - filled, MOST_AT_ONCE);
      const count = attempt(this.path, () =>
        fs.readSync(this.descriptor, bytes, filled, most, position + filled),
      );
      if (count === 0) {
        throw codedError('ERR_KLEIO_FORMAT', `${this.path}: ends at byte ${position + filled}`);
      }
      filled += count;
    }
    return bytes;
  }

  #status(): BigIntStats {
    return attempt(this.path, () => fs.fstatSync(this.descriptor, { bigint: true }));
  }
}

/** A folder without the right to list it, which the modules of Node.js have no word for. */
const FOLDER_FLAGS = fs.constants.O_DIRECTORY | 0o10000000;

/**
 * The folder that a path meant in the call, whatever the path means by then. Where the system has no way to hold one,
 * it is the path that is looked up again.
 */
class HeldFolder {
  readonly #path: string;
  readonly #descriptor: number | undefined;

  /** @param path of a folder, absolute. */
  constructor(path: string, held = process.platform === 'linux') {
    this.#path = path;
    try {
      this.#descriptor = held ? fs.openSync(path, FOLDER_FLAGS) : undefined;
    } catch {
      // Whoever may not do this may still open files in it, or hears why not when they are opened.
    }
  }

  /** Where a file of the folder is opened. */
  placeOf(name: string): string {
    const held = this.#descriptor;
    return `${held === undefined ? this.#path : `/proc/self/fd/${held}`}/${name}`;
  }

  close(): void {
    if (this.#descriptor !== undefined) fs.closeSync(this.#descriptor);
  }
}

/** The files of one call. */
export class OpenedFiles {
  readonly #files: OpenedFile[] = [];
  readonly #folders = new Map<OpenedFile, HeldFolder>();

  /** @param path absolute. Throws as the constructor of `OpenedFile`. */
  open(path: string): OpenedFile {
    const [parent, name] = divided(path);
    const held = new HeldFolder(parent);
    try {
      return this.#openIn(held, path, name);
    } catch {
      held.close();
    }
    return this.#openIn(new HeldFolder(parent, false), path, name);
  }

  /**
   * Files of the folder that `beside` was opened in, by their names there. Throws as `open`; ERR_KLEIO_FILE where one
   * of the names, or that of `beside`, means another file when all are open.
   */
  openBeside(beside: OpenedFile, names: readonly string[]): OpenedFile[] {
    const folder = this.#folders.get(beside)!;
    const [parent, own] = divided(beside.path);
    const opened = names.map((name) =>
      this.#keep(new OpenedFile(paths.join(parent, name), folder.placeOf(name))),
    );
    const isThere = (file: OpenedFile, name: string) => file.isAt(folder.placeOf(name));
    const replaced = isThere(beside, own)
      ? opened.find((file, index) => !isThere(file, names[index]!))
      : beside;
    if (replaced === undefined) return opened;
    throw codedError('ERR_KLEIO_FILE', `${replaced.path}: was replaced while it was opened`);
  }

  async requireUnchanged(): Promise<void> {
    for (const file of this.#files) await file.requireUnchanged();
  }

  close(): void {
    for (const file of this.#files.splice(0)) file.close();
    for (const folder of this.#folders.values()) folder.close();
    this.#folders.clear();
  }

  #openIn(folder: HeldFolder, path: string, name: string): OpenedFile {
    const file = this.#keep(new OpenedFile(path, folder.placeOf(name)));
    this.#folders.set(file, folder);
    return file;
  }

  #keep(file: OpenedFile): OpenedFile {
    this.#files.push(file);
    return file;
  }
}

/** Folder and name, as the system reads them: what is behind a link is no business of the text. */
function divided(path: string): [folder: string, name: string] {
  const slash = path.lastIndexOf('/');
  return [path.slice(0, slash) || '/', path.slice(slash + 1)];
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

/** Whether what is stamped so, in nanoseconds, may be stamped the same after another change. */
function isFresh(stamp: bigint): boolean {
  const age = timeOfDay() - Number(stamp / 1_000_000n);
  return age >= 0 && age < CLOCK_STEP_MS;
}

/** What a file is that is none. */
export function kindOf(status: BigIntStats): string {
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
