import { expect } from 'vitest';

/** The class that misuse calls for; everything else is a KleioError. */
const CLASSES: Readonly<Record<string, string>> = {
  ERR_KLEIO_ARGUMENT: 'TypeError',
  ERR_KLEIO_DTYPE: 'TypeError',
  ERR_KLEIO_SHAPE: 'RangeError',
  ERR_KLEIO_RANGE: 'RangeError',
  ERR_KLEIO_NOT_FINITE: 'RangeError',
  ERR_KLEIO_DUPLICATE_ID: 'RangeError',
};

/** The call throws an error of this code, class and pattern, whose text holds each of `parts`. */
export function expectError(call: () => unknown, code: string, ...parts: string[]): void {
  let thrown: unknown;
  let answer: unknown;
  try {
    answer = call();
  } catch (error) {
    thrown = error;
  }
  expect(thrown, `expected ${code}, but it returned ${String(answer)}`).toBeInstanceOf(Error);
  judge(thrown as Error, code, parts);
}

/** The promise rejects so; a synchronous throw is a failure too. */
export async function expectRejection(
  call: () => Promise<unknown>,
  code: string,
  ...parts: string[]
): Promise<void> {
  const outcome = await call().then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(outcome, `expected ${code}, but it resolved`).toBeInstanceOf(Error);
  judge(outcome as Error, code, parts);
}

function judge(error: Error, code: string, parts: readonly string[]): void {
  const { message } = error;
  expect({ code: (error as { code?: string }).code, message }).toMatchObject({ code });
  expect(error.constructor.name).toBe(CLASSES[code] ?? 'KleioError');
  expect(message.startsWith(`${code}: `), message).toBe(true);
  for (const part of parts) expect(message).toContain(part);
}

/** Values handed in against their types. */
// biome-ignore lint/suspicious/noExplicitAny: hostile callers have no types
export const untyped = (value: unknown): any => value;
