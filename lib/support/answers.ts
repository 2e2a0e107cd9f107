/** What callers' code answers: it may be a promise, which nobody else listens to. */

import { isObject } from './handles.js';

/** Calls `failed` when it rejects, or when it cannot be asked. */
export function hearRejection(answer: unknown, failed: (thrown: unknown) => void): void {
  if (!isObject(answer)) return;
  try {
    Promise.resolve(answer).then(undefined, failed);
  } catch (thrown) {
    failed(thrown);
  }
}
