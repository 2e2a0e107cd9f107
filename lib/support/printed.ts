/** What `console.log` and Node.js's `inspect` show of objects that keep all they are to themselves. */

type Inspect = (value: unknown, options: unknown) => string;

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/**
 * Has objects of a class printed as its name and the values of some of its getters. A closed one says so; printing
 * never throws.
 */
export function printWith<Class extends object>(
  prototype: Class,
  className: string,
  getters: readonly (keyof Class & string)[],
): void {
  Object.defineProperty(prototype, INSPECT, {
    configurable: true,
    writable: true,
    value: function (this: Class, depth: number, options: unknown, inspect: Inspect): string {
      return depth < 0
        ? `[${className}]`
        : `${className} ${inspect(facts(this, getters), options)}`;
    },
  });
}

function facts<Class extends object>(object: Class, getters: readonly (keyof Class)[]): object {
  try {
    return Object.fromEntries(getters.map((name) => [name, object[name]]));
  } catch (error) {
    // A prototype, or what was made of one, is printed too and has nothing to tell.
    return (error as { code?: unknown }).code === 'ERR_KLEIO_CLOSED' ? { closed: true } : {};
  }
}
