/**
 * The language as it was when this package was loaded: what callers do to their arrays or to the prototypes
 * of everybody does not change what is read through these.
 */

const { call, bind } = Function.prototype;
const { apply, getOwnPropertyDescriptor } = Reflect;

/** A method as a function of its receiver: `uncurried(Set.prototype.has)(set, 1)`. */
export function uncurried<Receiver, Words extends readonly unknown[], Answer>(
  method: (this: Receiver, ...words: Words) => Answer,
): (receiver: Receiver, ...words: Words) => Answer {
  return apply(bind, call, [method]);
}

/** The getter of a prototype as a function. */
export function getterOf<Value>(prototype: object, key: PropertyKey): (receiver: unknown) => Value {
  return uncurried(getOwnPropertyDescriptor(prototype, key)?.get as (this: unknown) => Value);
}
