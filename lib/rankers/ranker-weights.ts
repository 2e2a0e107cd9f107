/** Where a ranker's tensors come from: a .safetensors file or memory. */

import type { NativeTensor } from '../binding/contract/native-weights.js';
import { codedError, mustBe, shown } from '../support/errors.js';
import { isObject } from '../support/handles.js';
import { MAX_EXTENTS } from '../support/limits.js';
import { optionNames, requireKnownOptions } from '../support/options.js';
import { type Dtype, dtypeOf, ELEMENT_TYPES, type EmbeddingValues } from '../tables/dtypes.js';
import type { SafetensorsHeader, Tensor } from '../tables/safetensors.js';
import { plainPath, readTensorFile } from '../tables/tensor-file.js';
import { shownShape } from '../tables/tensor-shape.js';
import { nativeValues, requireAttached, tagOf } from '../tables/views.js';

/** A tensor in memory, row-major. */
export interface WeightTensor {
  readonly shape: readonly number[];
  readonly values: EmbeddingValues | BigInt64Array;
  /** What the bits of unsigned integers are. */
  readonly dtype?: Dtype | undefined;
}

/** A whole model in memory, under the names that its file would use. */
export interface RankerWeights {
  readonly tensors: Readonly<Record<string, WeightTensor>>;
  /** `keep_top`, `short_steps` and so on. */
  readonly metadata: Readonly<Record<string, string | number>>;
}

/** A tensor with its element type in the words of .safetensors. */
export interface FoundTensor extends NativeTensor {
  readonly element: string;
}

export interface WeightSource {
  /** Stands before what error texts say. */
  readonly label: string;
  /** Empty: the tensors bring their values. */
  readonly path: string;
  readonly fileBytes: number;
  readonly metadata: Readonly<Record<string, string | number>>;
  readonly names: readonly string[];
  find(name: string): FoundTensor | undefined;
}

const WEIGHTS_OPTIONS = optionNames('weights', ['tensors', 'metadata']);
const TENSOR_OPTIONS = optionNames('a tensor', ['shape', 'values', 'dtype']);

/** A file has to be waited for. Memory has not: it is read before its owner can change it. */
export function weightSource(
  weights: string | URL | RankerWeights,
): WeightSource | Promise<WeightSource> {
  if (typeof weights === 'string' || weights instanceof URL) return fileSource(weights);
  if (isObject(weights)) return memorySource(weights);
  const expected = 'a path, a file: URL or an object of tensors and metadata';
  throw mustBe('ERR_KLEIO_ARGUMENT', 'weights', expected, weights);
}

async function fileSource(given: string | URL): Promise<WeightSource> {
  const path = plainPath(given);
  const { header, size } = await readTensorFile(path);
  if ('shape' in header) {
    throw codedError('ERR_KLEIO_FORMAT', `${path}: is a .npy file, not .safetensors`);
  }
  return { label: `${path}: `, path, fileBytes: size, ...fileTensors(path, header) };
}

function fileTensors(
  path: string,
  { tensors, metadata }: SafetensorsHeader,
): Pick<WeightSource, 'metadata' | 'names' | 'find'> {
  const located = (tensor: Tensor | undefined): FoundTensor | undefined => {
    if (tensor === undefined) return undefined;
    const { element, shape, offset } = tensor;
    const name = `${path}: ${tensor.name}`;
    return { name, element, shape, unsignedIds: element === 'U64', offset, values: undefined };
  };
  return { metadata, names: [...tensors.keys()], find: (name) => located(tensors.get(name)) };
}

function memorySource(weights: RankerWeights): WeightSource {
  requireKnownOptions(weights, WEIGHTS_OPTIONS);
  const { tensors, metadata } = weights;
  for (const [name, part] of Object.entries({ tensors, metadata })) {
    if (!isObject(part)) throw mustBe('ERR_KLEIO_ARGUMENT', name, 'an object', part);
  }
  const find = (name: string) =>
    Object.hasOwn(tensors, name) ? givenTensor(shown(name), tensors[name]!) : undefined;
  return { label: '', path: '', fileBytes: 0, metadata, names: Object.keys(tensors), find };
}

function givenTensor(name: string, tensor: WeightTensor): FoundTensor {
  requireKnownOptions(tensor, { ...TENSOR_OPTIONS, what: `tensor ${name}` });
  const { shape, values, dtype } = tensor;
  if (
    !Array.isArray(shape) ||
    shape.length > MAX_EXTENTS ||
    !shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0)
  ) {
    const expected = `an array of at most ${MAX_EXTENTS} whole numbers`;
    throw mustBe('ERR_KLEIO_ARGUMENT', `${name}.shape`, expected, shape);
  }
  const element = elementOf(name, values, dtype);
  requireAttached(`${name}.values`, values);
  const expected = shape.reduce((product, extent) => product * extent, 1);
  if (values.length !== expected) {
    throw codedError(
      'ERR_KLEIO_SHAPE',
      `${name}.values of shape ${shownShape(shape)} must have ${expected} elements; got ${values.length}`,
    );
  }
  const carried =
    element === 'I64' ? (values as BigInt64Array) : nativeValues(values as EmbeddingValues);
  return {
    name,
    element,
    shape: [...shape],
    unsignedIds: false,
    offset: 0,
    values: carried,
  };
}

function elementOf(name: string, values: unknown, dtype: Dtype | undefined): string {
  const tag = tagOf(values);
  if (tag === undefined) {
    throw mustBe('ERR_KLEIO_ARGUMENT', `${name}.values`, 'a typed array', values);
  }
  if (tag === 'BigInt64Array') return 'I64';
  return ELEMENT_TYPES[dtypeOf(`${name}.values`, tag, dtype)].element;
}
