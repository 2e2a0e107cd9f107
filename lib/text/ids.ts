/** Ids as people and files write them. */

/** Digits of 2^64 − 1, and a sign. */
const MOST_CHARACTERS = 21;

/** Numbers of so many digits are exact, and faster. */
const EXACT_CHARACTERS = 15;

/**
 * The 64 bits that these digits mean, signed: from −2^63 to 2^64 − 1, for an unsigned id is the bits that it is.
 * Anything else has none.
 */
export function idOfDigits(text: string): bigint | undefined {
  // BigInt takes time out of proportion for very many digits.
  if (text.length > MOST_CHARACTERS || !/^-?\d+$/.test(text)) return undefined;
  if (text.length <= EXACT_CHARACTERS) return BigInt(Number(text));
  const id = BigInt(text);
  const bits = BigInt.asIntN(64, id);
  return bits === id || BigInt.asUintN(64, id) === id ? bits : undefined;
}
