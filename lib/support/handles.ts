/** What the classes over native handles share: foreign receivers and disposal. */

import { codedError, shown } from './errors.js';

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
