/** What leads another thread of the process to an object of this one. */

import { mustBe } from './errors.js';

/**
 * What `share()` gives: a string that goes to another thread of the process by any way, where `fromShared` of
 * the same class makes a handle of the same memory of it. It holds nothing: a token is good as long as some
 * handle of its object is open in the process.
 */
export type SharedToken<ClassName extends string> = `kleio:${ClassName}:${string}`;

/** Tokens are far shorter: what is not is not read. */
const MAX_LENGTH = 1000;

/** Refuses what no token can be. Whether it is one, and of what, the binary knows. */
export function requireToken(token: unknown, className: string): asserts token is string {
  if (typeof token === 'string' && token.length <= MAX_LENGTH) return;
  throw mustBe('ERR_KLEIO_ARGUMENT', 'token', `what ${className}#share() gives`, token);
}
