/** What a soak does side by side: each lane its own kind of work, one step after the other. */
import { Random } from '../cases/random.js';

export interface Lane {
  readonly name: string;
  /** Throws where an answer is wrong. */
  readonly step: () => Promise<void>;
  /** Closes everything that it holds. */
  readonly close: () => Promise<void>;
}

/** What all lanes count. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(what: string, count = 1): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + count);
  }

  get counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

export interface LaneSetting {
  readonly random: Random;
  readonly tally: Tally;
  /** Where it may write files. */
  readonly folder: string;
}

/** A lane's own stream of random numbers, whatever the others draw. */
export const randomOf = (seed: number, lane: number): Random =>
  new Random(Math.imul(seed, 0x9e3779b1) + lane);

export function require(isTrue: boolean, what: string): asserts isTrue {
  if (!isTrue) throw new Error(`wrong: ${what}`);
}

export function requireEqual(
  found: ArrayLike<unknown>,
  expected: ArrayLike<unknown>,
  what: string,
) {
  require(found.length === expected.length, `${what}: ${found.length} for ${expected.length}`);
  for (let i = 0; i < expected.length; ++i) {
    require(Object.is(found[i], expected[i]), `${what}[${i}]: ${found[i]} for ${expected[i]}`);
  }
}

/** The call must fail with this code. */
export async function requireRefusal(code: string, call: () => unknown): Promise<void> {
  try {
    await call();
  } catch (error) {
    require((error as { code?: unknown }).code === code, `${String(error)} for ${code}`);
    return;
  }
  throw new Error(`wrong: an answer for ${code}`);
}

/** What the call gives, however often the full queue refuses it. */
export async function persistently<Answer>(
  tally: Tally,
  call: () => Promise<Answer>,
): Promise<Answer> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ERR_KLEIO_QUEUE_FULL') throw error;
      tally.add('refused by a full queue');
    }
  }
}
