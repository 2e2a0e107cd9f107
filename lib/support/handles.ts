/** What the classes over native objects share: the native side, foreign receivers, disposal. */

import { codedError, shown } from './errors.js';

/**
 * What an object of the public API holds of the native side until it is closed. Nobody outside the package
 * can make one, so a constructor that is given one knows its caller.
 */
export class Handle<Native extends { close(): void }> {
  readonly #noun: string;
  #native: Native | undefined;

  /** @param noun what error texts call the object. */
  constructor(noun: string, native: Native) {
    this.#noun = noun;
    this.#native = native;
  }

  /** Throws if it is closed. */
  get native(): Native {
    if (this.#native !== undefined) return this.#native;
    throw codedError('ERR_KLEIO_CLOSED', `the ${this.#noun} is closed`);
  }

  requireOpen(): void {
    void this.native;
  }

  /** A second time does nothing. */
  close(): void {
    this.#native?.close();
    this.#native = undefined;
  }
}

/** Refuses what is no handle: `made` says where objects of the class come from. */
export function requireHandle(handle: unknown, made: string): void {
  if (!(handle instanceof Handle)) throw codedError('ERR_KLEIO_ARGUMENT', made);
}

export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** A method was called on something that is no instance of its class. */
export function foreignReceiver(className: string, receiver: unknown): Error {
  return codedError(
    'ERR_KLEIO_ARGUMENT',
    `a method of ${className} was called on ${shown(receiver)}`,
  );
}

/** `using` closes the handle, on every runtime that knows the symbol. */
export function makeDisposable(prototype: { close(): void }): void {
  const { dispose } = Symbol as { readonly dispose?: symbol };
  if (dispose === undefined) return;
  Object.defineProperty(prototype, dispose, {
    configurable: true,
    writable: true,
    value: function (this: { close(): void }) {
      prototype.close.call(this);
    },
  });
}
