/** Where a ranker's tensors come from: a .safetensors file or memory. */

import type { NativeTensor } from '../binding/contract/native-weights.js';
import { codedError, mustBe, reading, shown } from '../support/errors.js';
import { isObject } from '../support/handles.js';
import { type OpenedFile, readingFiles } from '../support/opened-file.js';
import { knownOptions, optionNames } from '../support/options.js';
import { absolutePath, isUrl } from '../support/paths.js';
import { type Dtype, dtypeOf, ELEMENT_TYPES, type EmbeddingValues } from '../tables/dtypes.js';
import type { SafetensorsHeader, Tensor } from '../tables/safetensors.js';
import { readTensorHeader } from '../tables/tensor-file.js';
import { lengthOf, nativeValues, requireAttached, tagOf } from '../tables/views.js';

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
  readonly metadata: Readonly<Record<string, string | number>>;
  readonly names: readonly string[];
  find(name: string): FoundTensor | undefined;
}

const WEIGHTS_OPTIONS = optionNames('weights', ['tensors', 'metadata']);
const TENSOR_OPTIONS = optionNames('a tensor', ['shape', 'values', 'dtype']);

/**
 * What `open` makes of weights. A file has to be waited for. Memory has not: it is read before its owner can
 * change it.
 */
export function openWeights<Opened>(
  weights: string | URL | RankerWeights,
  open: (source: WeightSource) => Promise<Opened>,
): Promise<Opened> {
  return reading(WEIGHTS_OPTIONS.what, () => {
    if (typeof weights !== 'string' && !isUrl(weights)) return open(memorySource(weights));
    const path = absolutePath(weights);
    return readingFiles(async (files) => open(await fileSource(files.open(path))));
  });
}

async function fileSource(file: OpenedFile): Promise<WeightSource> {
  const header = await readTensorHeader(file);
  const { path } = file;
  if ('shape' in header) {
    throw codedError('ERR_KLEIO_FORMAT', `${path}: is a .npy file, not .safetensors`);
  }
  return { label: `${path}: `, ...fileTensors(file, header) };
}

function fileTensors(
  file: OpenedFile,
  { tensors, metadata }: SafetensorsHeader,
): Pick<WeightSource, 'metadata' | 'names' | 'find'> {
  const located = (tensor: Tensor | undefined): FoundTensor | undefined => {
    if (tensor === undefined) return undefined;
    const { element, shape, offset } = tensor;
    const name = `${file.path}: ${tensor.name}`;
    return { name, element, shape, file, offset, values: undefined };
  };
  return { metadata, names: [...tensors.keys()], find: (name) => located(tensors.get(name)) };
}

function memorySource(weights: RankerWeights): WeightSource {
  if (!isObject(weights)) {
    const expected = 'a path, a file: URL or an object of tensors and metadata';
    throw mustBe('ERR_KLEIO_ARGUMENT', 'weights', expected, weights);
  }
  const { tensors, metadata } = knownOptions(weights, WEIGHTS_OPTIONS);
  for (const [name, part] of Object.entries({ tensors, metadata })) {
    if (!isObject(part)) throw mustBe('ERR_KLEIO_ARGUMENT', name, 'an object', part);
  }
  const find = (name: string) =>
    Object.hasOwn(tensors, name) ? givenTensor(shown(name), tensors[name]!) : undefined;
  return { label: '', metadata, names: Object.keys(tensors), find };
}

function givenTensor(name: string, tensor: WeightTensor): FoundTensor {
  const known = knownOptions(tensor, { ...TENSOR_OPTIONS, what: `tensor ${name}` });
  const { shape: given, values, dtype } = known;
  const shape = Array.isArray(given) ? Array.from(given as readonly number[]) : [Number.NaN];
  if (!shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0)) {
    throw mustBe('ERR_KLEIO_ARGUMENT', `${name}.shape`, 'an array of whole numbers', given);
  }
  const element = elementOf(name, values, dtype);
  requireAttached(`${name}.values`, values);
  const expected = shape.reduce((product, extent) => product * extent, 1);
  const elements = lengthOf(values);
  if (elements !== expected) {
    throw codedError(
      'ERR_KLEIO_SHAPE',
      `${name}.values of shape [${shape.join(', ')}] must have ${expected} elements; got ${elements}`,
    );
  }
  const carried =
    element === 'I64' ? (values as BigInt64Array) : nativeValues(values as EmbeddingValues);
  return { name, element, shape, file: undefined, offset: 0, values: carried };
}

function elementOf(name: string, values: unknown, dtype: Dtype | undefined): string {
  const tag = tagOf(values);
  if (tag === undefined) {
    throw mustBe('ERR_KLEIO_ARGUMENT', `${name}.values`, 'a typed array', values);
  }
  if (tag === 'BigInt64Array') return 'I64';
  return ELEMENT_TYPES[dtypeOf(`${name}.values`, tag, dtype)].element;
}
