/** The one place where errors are made: stable codes, classes by code, one sentence pattern. */

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
  readonly code: KleioErrorCode;

  constructor(code: KleioErrorCode, message: string, options?: { cause?: unknown }) {
    super(`${code}: ${message}`, options);
    this.name = 'KleioError';
    this.code = code;
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
  return Object.assign(new Misuse(`${code}: ${message}`, options), { code });
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
    case 'string': {
      const cut = value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value;
      return JSON.stringify(cut);
    }
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

function shownObject(value: object): string {
  if (ArrayBuffer.isView(value)) {
    const { length } = value as { length?: number };
    const tag = Object.prototype.toString.call(value).slice(8, -1);
    return length === undefined ? tag : `${tag}(${length})`;
  }
  if (Array.isArray(value)) return `an array of ${value.length}`;
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return tag === 'Object' ? 'an object' : tag;
}
