/** Ids as people and files write them. */

/** Digits of 2^64 − 1, and a sign. */
const MOST_CHARACTERS = 21;

/** Numbers of so many digits are exact, and faster. */
const EXACT_CHARACTERS = 15;

/** As an id is written: with zeros before it, it is a code of another kind, which they belong to. */
const DIGITS = /^(?:0|-?[1-9]\d*)$/;

/** The id that these digits write, if it has 64 bits with its sign. */
export function idOfDigits(text: string): bigint | undefined {
  if (text.length <= EXACT_CHARACTERS && DIGITS.test(text)) return BigInt(Number(text));
  const number = numberOfDigits(text);
  return number !== undefined && BigInt.asIntN(64, number) === number ? number : undefined;
}

/** The same for digits that may be unsigned, up to 2^64 − 1: the 64 bits that they are. */
export function bitsOfDigits(text: string): bigint | undefined {
  const number = numberOfDigits(text);
  if (number === undefined) return undefined;
  const bits = BigInt.asIntN(64, number);
  return bits === number || BigInt.asUintN(64, number) === number ? bits : undefined;
}

function numberOfDigits(text: string): bigint | undefined {
  // BigInt takes time out of proportion for very many digits.
  return text.length > MOST_CHARACTERS || !DIGITS.test(text) ? undefined : BigInt(text);
}
