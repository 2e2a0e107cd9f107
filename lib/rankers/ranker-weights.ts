/** Where a ranker's tensors come from: a .safetensors file or memory. */

import type { NativeTensor } from '../binding/contract/native-weights.js';
import { codedError, mustBe, reading, shown } from '../support/errors.js';
import { isObject } from '../support/handles.js';
import { MAX_EXTENTS } from '../support/limits.js';
import { type OpenedFile, type OpenedFiles, readingFiles } from '../support/opened-file.js';
import { knownOptions, optionNames, requireRecord } from '../support/options.js';
import { absolutePath, isUrl } from '../support/paths.js';
import { type Dtype, dtypeOf, ELEMENT_TYPES, type EmbeddingValues } from '../tables/dtypes.js';
import { nameInFile, type PlacedTensor, readTensors } from '../tables/placed-tensors.js';
import { shownShape } from '../tables/tensor-shape.js';
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
    return readingFiles(async (files) => open(await fileSource(files.open(path), files)));
  });
}

async function fileSource(file: OpenedFile, files: OpenedFiles): Promise<WeightSource> {
  const found = await readTensors(file, files);
  const label = `${file.path}: `;
  if ('shape' in found)
    throw codedError('ERR_KLEIO_FORMAT', `${label}is a .npy file, not .safetensors`);
  const { tensors, metadata } = found;
  const find = (name: string) => {
    const tensor = tensors.get(name);
    return tensor === undefined ? undefined : foundTensor(tensor);
  };
  return { label, metadata, names: [...tensors.keys()], find };
}

function foundTensor(tensor: PlacedTensor): FoundTensor {
  const { element, shape, file, offset } = tensor;
  const unsignedIds = element === 'U64';
  return { name: nameInFile(tensor), element, shape, unsignedIds, file, offset, values: undefined };
}

function memorySource(weights: RankerWeights): WeightSource {
  if (!isObject(weights)) {
    const expected = 'a path, a file: URL or an object of tensors and metadata';
    throw mustBe('ERR_KLEIO_ARGUMENT', 'weights', expected, weights);
  }
  const { tensors, metadata } = knownOptions(weights, WEIGHTS_OPTIONS);
  for (const [name, part] of Object.entries({ tensors, metadata })) {
    requireRecord(name, part);
  }
  const find = (name: string) =>
    Object.hasOwn(tensors, name) ? givenTensor(shown(name), tensors[name]!) : undefined;
  return { label: '', metadata, names: Object.keys(tensors), find };
}

function givenTensor(name: string, tensor: WeightTensor): FoundTensor {
  const known = knownOptions(tensor, { ...TENSOR_OPTIONS, what: `tensor ${name}` });
  const { shape: given, values, dtype } = known;
  const isShape = Array.isArray(given) && given.length <= MAX_EXTENTS;
  const shape = isShape ? Array.from(given as readonly number[]) : [Number.NaN];
  if (!shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0)) {
    const expected = `an array of at most ${MAX_EXTENTS} whole numbers`;
    throw mustBe('ERR_KLEIO_ARGUMENT', `${name}.shape`, expected, given);
  }
  const element = elementOf(name, values, dtype);
  requireAttached(`${name}.values`, values);
  const expected = shape.reduce((product, extent) => product * extent, 1);
  const elements = lengthOf(values);
  if (elements !== expected) {
    throw codedError(
      'ERR_KLEIO_SHAPE',
      `${name}.values of shape ${shownShape(shape)} must have ${expected} elements; got ${elements}`,
    );
  }
  const carried =
    element === 'I64' ? (values as BigInt64Array) : nativeValues(values as EmbeddingValues);
  return {
    name,
    element,
    shape,
    unsignedIds: false,
    file: undefined,
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
