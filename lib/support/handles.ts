/** What the classes over native objects share: the native side, foreign receivers, disposal. */

import { codedError, shown } from './errors.js';
import { uncurried } from './intrinsics.js';

/**
 * What an object of the public API holds of the native side until it is closed. Nobody outside the package
 * can make one, so a constructor that is given one knows its caller.
 */
export class Handle<Native extends { close(): void }> {
  readonly #noun: string;
  #native: Native | undefined;

  /** Whether a value is a handle. Not `instanceof`, which asks the value itself. */
  static is(value: unknown): boolean {
    return isObject(value) && #noun in value;
  }

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

  get isOpen(): boolean {
    return this.#native !== undefined;
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
  if (!Handle.is(handle)) throw codedError('ERR_KLEIO_ARGUMENT', made);
}

export function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

const { defineProperty } = Object;

/** How objects get to another thread that `share()` leads there. */
export const SHARING = 'share() gives what another thread makes a handle of, by fromShared()';

/** By class: a getter for each object would take more than a short history's other objects together. */
const keepers: Record<string, PropertyDescriptor> = { __proto__: null as never };

/**
 * Keeps an object in its thread. A structured clone reads every property and copies nothing else: what
 * cannot be copied throws there, instead of arriving as an empty object. `instead`: what the caller may do.
 */
export function keepInThread(object: object, className: string, instead?: string): void {
  keepers[className] ??= keeper(className, instead);
  defineProperty(object, 'native', keepers[className]);
}

function keeper(className: string, instead: string | undefined): PropertyDescriptor {
  const fault = `what ${className} objects hold belongs to their thread: they cannot be posted, cloned or written as JSON`;
  const get = () => {
    throw codedError('ERR_KLEIO_ARGUMENT', instead === undefined ? fault : `${fault}; ${instead}`);
  };
  return { __proto__: null, get, enumerable: true } as PropertyDescriptor;
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
  const close = uncurried(prototype.close);
  const field = { configurable: true, writable: true };
  const value = function (this: { close(): void }) {
    close(this);
  };
  defineProperty(prototype, dispose, { __proto__: null, ...field, value } as PropertyDescriptor);
}
