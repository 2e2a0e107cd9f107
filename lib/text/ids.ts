/** Ids as people and files write them. */

/** Digits of 2^64 − 1, and a sign. */
const MOST_CHARACTERS = 21;

/** Numbers of so many digits are exact, and faster. */
const EXACT_CHARACTERS = 15;

/** The id that these digits write, if it has 64 bits with its sign. */
export function idOfDigits(text: string): bigint | undefined {
  if (text.length <= EXACT_CHARACTERS && /^-?\d+$/.test(text)) return BigInt(Number(text));
  const bits = bitsOfDigits(text);
  return bits !== undefined && bits === BigInt(text) ? bits : undefined;
}

/** The same for digits that may be unsigned, up to 2^64 − 1: the 64 bits that they are. */
export function bitsOfDigits(text: string): bigint | undefined {
  // BigInt takes time out of proportion for very many digits.
  if (text.length > MOST_CHARACTERS || !/^-?\d+$/.test(text)) return undefined;
  const number = BigInt(text);
  const bits = BigInt.asIntN(64, number);
  return bits === number || BigInt.asUintN(64, number) === number ? bits : undefined;
}
