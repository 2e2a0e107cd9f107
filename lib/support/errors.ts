/** The one place where errors are made: stable codes, classes by code, one sentence pattern. */

import { uncurried } from './intrinsics.js';

const { defineProperty } = Object;

/** The errors of this package, whatever their class. */
const made = new WeakSet<object>();
const hasMember = uncurried(WeakSet.prototype.has);
const addMember = uncurried(WeakSet.prototype.add);

/** Every code that an error of this package can carry. `docs/errors.md` explains each. */
export type KleioErrorCode =
  | 'ERR_KLEIO_ARGUMENT'
  | 'ERR_KLEIO_SHAPE'
  | 'ERR_KLEIO_DTYPE'
  | 'ERR_KLEIO_RANGE'
  | 'ERR_KLEIO_NOT_FINITE'
  | 'ERR_KLEIO_DUPLICATE_ID'
  | 'ERR_KLEIO_CLOSED'
  | 'ERR_KLEIO_QUEUE_FULL'
  | 'ERR_KLEIO_ABORTED'
  | 'ERR_KLEIO_OUT_OF_MEMORY'
  | 'ERR_KLEIO_LIMIT'
  | 'ERR_KLEIO_FILE'
  | 'ERR_KLEIO_FORMAT'
  | 'ERR_KLEIO_ISA'
  | 'ERR_KLEIO_DEVICE'
  | 'ERR_KLEIO_DEVICE_LOST'
  | 'ERR_KLEIO_BINARY'
  | 'ERR_KLEIO_INTERNAL';

/**
 * What went wrong outside the caller's arguments: a closed handle, a refused file, a full queue.
 *
 * Misuse throws the language's own `TypeError` and `RangeError`; they carry a `code` too, so
 * `error.code` tells every error of this package apart whatever its class.
 *
 * @example
 * ```ts
 * import { EmbeddingTable, KleioError } from 'kleio';
 *
 * try {
 *   await EmbeddingTable.open('no-such-file.npy');
 * } catch (error) {
 *   if (!(error instanceof KleioError)) throw error;
 *   console.log(error.code); // ERR_KLEIO_FILE
 * }
 * ```
 */
export class KleioError extends Error {
  // Fields are defined, not assigned: they are there even where the prototypes of errors are frozen.
  override name = 'KleioError';
  readonly code: KleioErrorCode;

  constructor(code: KleioErrorCode, message: string, options?: { cause?: unknown }) {
    super(`${code}: ${message}`, options);
    this.code = code;
    addMember(made, this);
  }
}

/** An error of this package, whatever its class. */
export type CodedError = Error & { readonly code: KleioErrorCode };

type MisuseClass = TypeErrorConstructor | RangeErrorConstructor;

const MISUSE_CLASSES: Partial<Record<KleioErrorCode, MisuseClass>> = {
  ERR_KLEIO_ARGUMENT: TypeError,
  ERR_KLEIO_DTYPE: TypeError,
  ERR_KLEIO_SHAPE: RangeError,
  ERR_KLEIO_RANGE: RangeError,
  ERR_KLEIO_NOT_FINITE: RangeError,
  ERR_KLEIO_DUPLICATE_ID: RangeError,
};

/** The error of this code, in the class that the code calls for. */
export function codedError(
  code: KleioErrorCode,
  message: string,
  options?: { cause?: unknown },
): CodedError {
  const Misuse = MISUSE_CLASSES[code];
  if (Misuse === undefined) return new KleioError(code, message, options);
  const error = new Misuse(`${code}: ${message}`, options);
  const field = { value: code, enumerable: true, configurable: true, writable: true };
  // Without a prototype: what somebody puts on that of all objects is no part of a descriptor.
  defineProperty(error, 'code', { __proto__: null, ...field } as PropertyDescriptor);
  addMember(made, error);
  return error as CodedError & InstanceType<MisuseClass>;
}

/** Whether this package made the error: a code alone could be anybody's. */
export function isCoded(error: unknown): error is CodedError {
  return hasMember(made, error as object);
}

/**
 * Runs what reads a caller's objects. Getters, proxies and changed built-ins may throw anything there,
 * nothing at all included: it becomes the cause of an error of this package.
 */
export function reading<Value>(what: string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    throw isCoded(cause) ? cause : unreadable(what, cause);
  }
}

/** The error of what could not be read because of what its owner's code threw. */
export function unreadable(what: string, cause: unknown): CodedError {
  return codedError('ERR_KLEIO_ARGUMENT', `${what} cannot be read: ${thrownText(cause)}`, {
    cause,
  });
}

/** What was thrown, in the words of an error text. Never throws. */
export function thrownText(thrown: unknown): string {
  try {
    const { message } = thrown as { readonly message?: unknown };
    if (typeof message === 'string' && message !== '') return message;
  } catch {
    // Not an error, or one that does not want to be read.
  }
  return `${shown(thrown)} was thrown`;
}

/** `<name> must be <expected>; got <actual>`. */
export function mustBe(
  code: KleioErrorCode,
  name: string,
  expected: string,
  actual: unknown,
): CodedError {
  return codedError(code, `${name} must be ${expected}; got ${shown(actual)}`);
}

const SHOWN_CHARACTERS = 60;

/** A value as an error message shows it: short, on one line, never throwing. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return shownText(value);
    case 'bigint':
      return `${value}n`;
    case 'function':
      return 'a function';
    case 'object':
      return value === null ? 'null' : shownObject(value);
    default:
      return String(value);
  }
}

/** Quoted. Escapes are up to six characters: of a text of many fewer are shown. */
function shownText(text: string): string {
  let cut = text.slice(0, SHOWN_CHARACTERS);
  while (JSON.stringify(cut).length > 2 * SHOWN_CHARACTERS) cut = cut.slice(0, -1);
  return JSON.stringify(cut.length < text.length ? `${cut}…` : text);
}

function shownObject(value: object): string {
  try {
    const tag = Object.prototype.toString.call(value).slice(8, -1);
    if (ArrayBuffer.isView(value)) {
      const { length } = value as { length?: number };
      return length === undefined ? tag : `${tag}(${length})`;
    }
    if (Array.isArray(value)) return `an array of ${value.length}`;
    return tag === 'Object' ? 'an object' : tag;
  } catch {
    return 'an object'; // of a proxy or a class that throws when it is asked
  }
}
