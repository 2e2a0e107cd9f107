/** The element types, written from their definitions (IEEE 754 binary16; bfloat16 = the upper half of a binary32;
 * float8 = E4M3FN of the OCP 8-bit Floating Point Specification, without infinities). */

/** The number that 16 bits of binary16 stand for. */
export function numberOfHalf(bits: number): number {
  return numberOfSixteenBits(bits, 10, -14);
}

/** The number that 16 bits of bfloat16 stand for. */
export function numberOfBfloat16(bits: number): number {
  return numberOfSixteenBits(bits, 7, -126);
}

/** A float of 16 bits with `fractionBits` of fraction and least normal exponent `leastExponent`. */
function numberOfSixteenBits(bits: number, fractionBits: number, leastExponent: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits & 0x7fff) >> fractionBits;
  const fraction = bits & (2 ** fractionBits - 1);
  if (exponent === 0x7fff >> fractionBits) {
    return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  }
  const step = leastExponent - fractionBits;
  return exponent === 0
    ? sign * fraction * 2 ** step
    : sign * (2 ** fractionBits + fraction) * 2 ** (exponent - 1 + step);
}

/** The number that 8 bits of E4M3FN stand for. */
export function numberOfFloat8(bits: number): number {
  const sign = bits & 0x80 ? -1 : 1;
  const exponent = (bits >> 3) & 15;
  const fraction = bits & 7;
  if (exponent === 15 && fraction === 7) return Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** -9 : sign * (8 + fraction) * 2 ** (exponent - 10);
}

/** Nearest binary16, ties to even. */
export function halfOfNumber(value: number): number {
  return bitsOfNumber(value, { exponentBits: 5, fractionBits: 10, beyond: 0x7c00 });
}

/** Nearest bfloat16, ties to even. */
export function bfloat16OfNumber(value: number): number {
  return bitsOfNumber(value, { exponentBits: 8, fractionBits: 7, beyond: 0x7f80 });
}

/** Nearest E4M3FN, ties to even; NaN beyond 464. */
export function float8OfNumber(value: number): number {
  return bitsOfNumber(value, { exponentBits: 4, fractionBits: 3, beyond: 0x7f });
}

interface Format {
  readonly exponentBits: number;
  readonly fractionBits: number;
  /** What follows the largest number: infinity, or NaN. */
  readonly beyond: number;
}

/**
 * Exponent and fraction are added, not joined: a fraction that rounds up to the next power of two
 * carries into the exponent by itself, up to what is beyond the largest number.
 */
function bitsOfNumber(value: number, { exponentBits, fractionBits, beyond }: Format): number {
  const sign = value < 0 || Object.is(value, -0) ? 2 ** (exponentBits + fractionBits) : 0;
  const magnitude = Math.abs(value);
  if (magnitude === 0) return sign;
  const leastExponent = 2 - 2 ** (exponentBits - 1);
  const exponent = Math.max(exponentOf(magnitude), leastExponent);
  const steps = roundHalfToEven(magnitude / powerOfTwo(exponent - fractionBits));
  const bits = (exponent - leastExponent) * 2 ** fractionBits + steps;
  return sign | Math.min(bits, beyond);
}

const float64 = new Float64Array(1);
const float64Words = new Uint32Array(float64.buffer);

/** floor(log2(magnitude)): the exponent field of a normal float64, on a little-endian machine. */
function exponentOf(magnitude: number): number {
  float64[0] = magnitude;
  return ((float64Words[1] as number) >>> 20) - 1023;
}

const MIN_EXPONENT = -1074;
const POWERS = Float64Array.from({ length: 2098 }, (_, index) => 2 ** (index + MIN_EXPONENT));

/** Of an exponent that float64 has: from a table, as tests encode tens of millions of elements. */
function powerOfTwo(exponent: number): number {
  return POWERS[exponent - MIN_EXPONENT] as number;
}

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

const everyPattern = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
const HALVES = Float64Array.from(everyPattern, numberOfHalf);
const BFLOATS = Float64Array.from(everyPattern, numberOfBfloat16);
const FLOAT8S = Float64Array.from(everyPattern.subarray(0, 256), numberOfFloat8);

export type Elements = Int8Array | Uint8Array | Uint16Array | Float32Array;

interface ElementType {
  /** In the words of .safetensors. */
  readonly element: string;
  readonly array: {
    new (length: number): Elements;
    new (buffer: ArrayBufferLike): Elements;
  };
  readonly least: number;
  readonly largest: number;
  /** The number of each pattern of bits; undefined: the array holds numbers. */
  readonly numbers: Float64Array | undefined;
  /** What the array holds of a number within the range: the nearest, ties to even. */
  readonly encode: (value: number) => number;
}

const upTo = (largest: number) => ({ least: -largest, largest });

/** One row a type: what the generators and oracles know of it. */
export const ELEMENT_TYPES = {
  int8: {
    element: 'I8',
    array: Int8Array,
    least: -128,
    largest: 127,
    numbers: undefined,
    encode: Math.round,
  },
  float16: {
    element: 'F16',
    array: Uint16Array,
    ...upTo(65504),
    numbers: HALVES,
    encode: halfOfNumber,
  },
  bfloat16: {
    element: 'BF16',
    array: Uint16Array,
    ...upTo(0xff * 2 ** 120),
    numbers: BFLOATS,
    encode: bfloat16OfNumber,
  },
  float32: {
    element: 'F32',
    array: Float32Array,
    ...upTo((2 ** 24 - 1) * 2 ** 104),
    numbers: undefined,
    encode: Math.fround,
  },
  float8: {
    element: 'F8_E4M3',
    array: Uint8Array,
    ...upTo(448),
    numbers: FLOAT8S,
    encode: float8OfNumber,
  },
} as const satisfies Record<string, ElementType>;

export type Dtype = keyof typeof ELEMENT_TYPES;

export const DTYPES = Object.keys(ELEMENT_TYPES) as readonly Dtype[];

const typeOf = (dtype: Dtype): ElementType => ELEMENT_TYPES[dtype];

/** The dtype of a tensor, by its element type in a file. */
export function dtypeOfElement(element: string): Dtype {
  const dtype = DTYPES.find((name) => ELEMENT_TYPES[name].element === element);
  if (dtype === undefined) throw new Error(`no dtype is stored as ${element}`);
  return dtype;
}

/** The elements in a tensor's bytes. */
export function elementsIn(bytes: Uint8Array, dtype: Dtype): Elements {
  return new (typeOf(dtype).array)(bytes.slice().buffer);
}

/** The numbers that stored elements stand for, all exact in float64. */
export function numbersOf(elements: Elements, dtype: Dtype): Float64Array {
  const { numbers: numberOf } = typeOf(dtype);
  if (numberOf === undefined) return new Float64Array(elements);
  const numbers = new Float64Array(elements.length);
  for (let i = 0; i < numbers.length; i += 1)
    numbers[i] = numberOf[elements[i] as number] as number;
  return numbers;
}

/** Numbers stored as `dtype`: rounded to the nearest, saturated at the largest finite value. */
export function elementsOf(numbers: Float64Array, dtype: Dtype): Elements {
  const { array, least, largest, encode } = typeOf(dtype);
  const elements = new array(numbers.length);
  for (let i = 0; i < numbers.length; i += 1) {
    elements[i] = encode(Math.min(largest, Math.max(least, numbers[i] as number)));
  }
  return elements;
}
