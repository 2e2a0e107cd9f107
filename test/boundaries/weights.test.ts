/** What `Ranker.open` makes of hostile weights: an error that names the culprit and what was expected. */

import { join } from 'node:path';
import { Ranker } from 'kleio';
import { describe, expect, it } from 'vitest';
import { expectRejection, untyped } from '../cases/coded-errors.js';
import { detached } from '../cases/hostile-views.js';
import { goldenFile, goldenRequests, weightsPath } from '../cases/muse-golden.js';
import { drawModel } from '../cases/muse-models.js';
import { NewFiles } from '../cases/new-files.js';
import { Random } from '../cases/random.js';
import { rankRequestOf } from '../cases/ranker-subject.js';
import {
  bytesOf,
  npyOf,
  safetensorsOf,
  safetensorsWithHeader,
  type Tensor,
} from '../cases/tensor-files.js';

const files = new NewFiles('weights');
const { folder } = files;

const model = drawModel(
  {
    embeddingDim: 4,
    keepTop: 5,
    shortSteps: 6,
    heads: [
      [4, 8],
      [3, 5],
    ],
    userWidths: [4, 4, 4, 2, 2, 2],
    hidden: [16, 8],
    tierWidth: 0.1,
    spareTiers: [1, 1],
    attentionScale: 1,
    similarityDim: 16,
    similarityDtype: 'float32',
    items: 40,
    categories: 6,
  },
  new Random(5),
);
const names = Object.keys(model.tensors);
const floats = names.filter((name) => model.tensors[name]!.dtype === 'F32');
const maps = names.filter((name) => name.startsWith('feature_maps.'));

type Tensors = Record<string, Tensor>;

const fileWith = (tensors: Tensors, metadata = model.metadata) =>
  files.of(safetensorsOf(tensors, metadata));

const refuses = (path: string, code: string, ...parts: string[]) =>
  expectRejection(() => Ranker.open(path), code, ...parts);

/** The model with one tensor changed. */
function changed(name: string, change: (tensor: Tensor) => Tensor): Tensors {
  return { ...model.tensors, [name]: change(model.tensors[name]!) };
}

/** One element of a tensor of floats set to another value. */
const withElement = (name: string, at: number, value: number) =>
  changed(name, (tensor) => {
    const values = new Float32Array(tensor.bytes.slice().buffer);
    values[at] = value;
    return { ...tensor, bytes: bytesOf(values) };
  });

const withIds = (name: string, change: (ids: BigInt64Array) => BigInt64Array) =>
  changed(name, (tensor) => {
    const ids = change(new BigInt64Array(tensor.bytes.slice().buffer));
    return { ...tensor, shape: [ids.length], bytes: bytesOf(ids) };
  });

it('opens the model that the cases below change', async () => {
  using ranker = await Ranker.open(fileWith(model.tensors));
  expect(ranker.k).toBe(5);
});

describe('the file', () => {
  const whole = safetensorsOf(model.tensors, model.metadata);

  it('is refused wherever it ends early', async () => {
    const ends = [0, 1, 7, 8, 9, 100, 2000, whole.length / 2, whole.length - 1].map(Math.floor);
    for (const end of ends) await refuses(files.of(whole.subarray(0, end)), 'ERR_KLEIO_FORMAT');
  });

  it('is refused with a header longer than itself', async () => {
    for (const bytes of [whole.length, 2 ** 31, 2 ** 32, 2 ** 62]) {
      const file = Uint8Array.from(whole);
      new DataView(file.buffer).setBigUint64(0, BigInt(bytes), true);
      await refuses(files.of(file), 'ERR_KLEIO_FORMAT', 'header');
    }
  });

  it('is refused with tensors that overlap', async () => {
    const entry = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
    const header = { 'fc_tower.linears.0.bias': entry, 'fc_tower.linears.1.bias': entry };
    const file = safetensorsWithHeader(header, [new Uint8Array(4)]);
    await refuses(files.of(file), 'ERR_KLEIO_FORMAT', 'overlaps', 'fc_tower.linears.1.bias');
  });

  it('is refused where it is no .safetensors file', async () => {
    await refuses(files.of(npyOf('|i1', [1, 1], new Uint8Array(1))), 'ERR_KLEIO_FORMAT', '.npy');
    await refuses(join(folder, 'missing'), 'ERR_KLEIO_FILE', 'ENOENT');
    await refuses(folder, 'ERR_KLEIO_FILE', folder);
  });

  it('may place its tensors at any address', async () => {
    const pad = { dtype: 'U8', shape: [1], bytes: new Uint8Array(1) };
    const { tensors, metadata } = goldenFile('muse_b.weights');
    const shifted = files.of(safetensorsOf({ pad, ...Object.fromEntries(tensors) }, metadata));
    const request = goldenRequests('muse_b')[0]!;
    const probabilities = [];
    for (const path of [shifted, weightsPath('muse_b')]) {
      using ranker = await Ranker.open(path);
      const asked = rankRequestOf(ranker, request, [request.candidate]);
      probabilities.push(ranker.rankSync(asked).probabilities);
    }
    expect(probabilities[0]).toEqual(probabilities[1]);
  });
});

describe.each(names)('%s', (name) => {
  it('is asked for where it is missing', async () => {
    const { [name]: _, ...rest } = model.tensors;
    await refuses(fileWith(rest), 'ERR_KLEIO_FORMAT', name, 'which the ranker needs');
  });

  it('is refused with another element type', async () => {
    const asDoubles = (tensor: Tensor) => {
      const elements = tensor.shape.reduce((product, extent) => product * extent, 1);
      return { ...tensor, dtype: 'F64', bytes: new Uint8Array(8 * elements) };
    };
    await refuses(fileWith(changed(name, asDoubles)), 'ERR_KLEIO_DTYPE', name, 'F64');
  });

  it('is refused with another number of dimensions', async () => {
    const wrapped = changed(name, (tensor) => ({ ...tensor, shape: [1, 1, 1, ...tensor.shape] }));
    await refuses(fileWith(wrapped), 'ERR_KLEIO_SHAPE', name);
  });
});

describe.each(floats)('%s', (name) => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'is refused with %d in it',
    async (value) => {
      const elements = model.tensors[name]!.bytes.length / 4;
      const at = Math.floor(elements * 0.7);
      await refuses(fileWith(withElement(name, at, value)), 'ERR_KLEIO_NOT_FINITE', name);
    },
  );

  it('is refused with one element less', async () => {
    const shortened = changed(name, ({ dtype, shape, bytes }) => {
      // Along its longest axis, so that it does not come to have nothing.
      const axis = shape.indexOf(Math.max(...shape));
      const fewer = shape.map((extent, i) => extent - Number(i === axis));
      const elements = fewer.reduce((product, extent) => product * extent, 1);
      return { dtype, shape: fewer, bytes: bytes.subarray(0, 4 * elements) };
    });
    // A bias of a numbered layer agrees with its weight, or the weight with the rest: either is named.
    const error = await Ranker.open(fileWith(shortened)).then(
      () => undefined,
      (reason: unknown) => reason as Error & { code: string },
    );
    // A tier to spare, or the temperature of a channel that the ranker has not, may be missing.
    if (error === undefined) expect(name).toMatch(/simtier|cosine_tau1/);
    else expect(error.code).toBe('ERR_KLEIO_SHAPE');
  });
});

it('names the row and the column of what is not finite', async () => {
  const name = 'embedding_layers.150_2_180.weight';
  const file = fileWith(withElement(name, 4 * 17 + 3, Number.NaN));
  await refuses(file, 'ERR_KLEIO_NOT_FINITE', name, 'row 17', 'column 3');
});

describe.each(maps)('%s', (name) => {
  it('must ascend', async () => {
    const descending = withIds(name, (ids) => BigInt64Array.from(ids, (_, at) => -BigInt(at) - 1n));
    const one = model.tensors[name]!.shape[0] === 1;
    if (one) await expect(Ranker.open(fileWith(descending))).resolves.toBeInstanceOf(Ranker);
    else await refuses(fileWith(descending), 'ERR_KLEIO_FORMAT', name, 'ascend');
  });
});

describe.each([...maps, 'scl_embedding_table.keys'])('%s', (name) => {
  it('must not repeat an id', async () => {
    const [ids] = [new BigInt64Array(model.tensors[name]!.bytes.slice().buffer)];
    if (ids.length === 1) return;
    const repeated = withIds(name, () => ids.fill(ids[0]!, 0, 2));
    const code = name.startsWith('scl') ? 'ERR_KLEIO_DUPLICATE_ID' : 'ERR_KLEIO_FORMAT';
    await refuses(fileWith(repeated), code, name);
  });

  it('must have one id a row', async () => {
    const longer = fileWith(withIds(name, (ids) => BigInt64Array.of(...ids, ids.at(-1)! + 1n)));
    await refuses(longer, 'ERR_KLEIO_SHAPE');
  });
});

describe('metadata', () => {
  it.each<[string, Record<string, string | undefined>, string]>([
    ['no keep_top', { keep_top: undefined }, 'keep_top'],
    ['keep_top 0', { keep_top: '0' }, 'keep_top'],
    ['a hexadecimal keep_top', { keep_top: '0x10' }, 'keep_top'],
    ['an embedding_dim of another kind', { embedding_dim: '0x8' }, 'embedding_dim'],
    ['keep_top of text', { keep_top: 'many' }, 'many'],
    ['keep_top past every bound', { keep_top: '1e12' }, 'keep_top'],
    ['a fractional keep_top', { keep_top: '2.5' }, 'keep_top'],
    ['no short_steps', { short_steps: undefined }, 'short_steps'],
    ['negative short_steps', { short_steps: '-1' }, 'short_steps'],
    ['another embedding_dim', { embedding_dim: '5' }, 'embedding_dim'],
    ['tier_width 0', { tier_width: '0' }, 'tier_width'],
    ['a negative tier_width', { tier_width: '-0.1' }, 'tier_width'],
    ['tier_width NaN', { tier_width: 'NaN' }, 'tier_width'],
    ['an infinite attention_scale', { attention_scale: 'Infinity' }, 'attention_scale'],
    ['a misspelled tier_width', { tier_widht: '0.2' }, "did you mean 'tier_width'?"],
    ['a setting in camel case', { attentionScale: '0.5' }, "did you mean 'attention_scale'?"],
    ['a misspelled keep_top', { keep_top: undefined, kep_top: '5' }, "did you mean 'keep_top'?"],
  ])('is refused with %s', async (_, change, text) => {
    const metadata = JSON.parse(JSON.stringify({ ...model.metadata, ...change }));
    await refuses(fileWith(model.tensors, metadata), 'ERR_KLEIO_FORMAT', text);
  });

  it('may hold what other tools wrote', async () => {
    const metadata = { ...model.metadata, format: 'pt', author: 'x', attention_dropout: '0.1' };
    using ranker = await Ranker.open(fileWith(model.tensors, metadata));
    expect(ranker.k).toBe(Number(model.metadata.keep_top));
  });

  it('need not say how wide embeddings are, which the weights do', async () => {
    const { embedding_dim: _, ...metadata } = model.metadata;
    using ranker = await Ranker.open(fileWith(model.tensors, metadata));
    expect(ranker.k).toBe(Number(metadata.keep_top));
  });

  it('is refused with tiers narrower than the weights have places for', async () => {
    const metadata = { ...model.metadata, tier_width: '0.05' };
    await refuses(fileWith(model.tensors, metadata), 'ERR_KLEIO_SHAPE', 'simtier', '41');
  });
});

describe('the layers', () => {
  it('are refused with a temperature of 0', async () => {
    const name = 'uni_att_v2.cosine_tau1';
    await refuses(fileWith(withElement(name, 1, 0)), 'ERR_KLEIO_RANGE', name);
  });

  it('are refused beside one that the ranker does not know', async () => {
    const extra = { dtype: 'F32', shape: [1], bytes: new Uint8Array(4) };
    for (const name of ['fc_tower.linears.9.weight', 'uni_att_v2.cosine_tau3']) {
      await refuses(fileWith({ ...model.tensors, [name]: extra }), 'ERR_KLEIO_FORMAT', name);
    }
  });

  it('may stand beside tensors of another model', async () => {
    const extra = { dtype: 'F32', shape: [1], bytes: new Uint8Array(4) };
    using ranker = await Ranker.open(fileWith({ ...model.tensors, 'adam.step': extra }));
    expect(ranker.k).toBe(5);
  });
});

describe('weights in memory', () => {
  /** As `Ranker.open` takes them. */
  const inMemory = () => ({
    metadata: model.metadata,
    tensors: Object.fromEntries(
      Object.entries(model.tensors).map(([name, { dtype, shape, bytes }]) => {
        const buffer = bytes.slice().buffer;
        const values = dtype === 'I64' ? new BigInt64Array(buffer) : new Float32Array(buffer);
        return [name, { shape, values }];
      }),
    ),
  });

  it('are copied: what becomes of the arrays later changes nothing', async () => {
    const weights = inMemory();
    const opening = Ranker.open(weights);
    for (const { values } of Object.values(weights.tensors)) {
      if (values instanceof Float32Array) values.fill(Number.NaN);
    }
    for (const { values } of Object.values(weights.tensors)) detached(values);
    using fromMemory = await opening;
    using fromFile = await Ranker.open(fileWith(model.tensors));
    const ids = model.ids['150_2_180']!;
    const [category, city, province] = ['151_2_180', '213', '214'].map(
      (feature) => model.ids[feature]![0]!,
    ) as [bigint, bigint, bigint];
    const request = {
      items: ids,
      categories: ids.map(() => category),
      user: [1n, 2n, 3n, 4n, 5n, 6n],
    };
    const candidates = ids.map((item) => ({ item, category, city, province }));
    const [memory, file] = [fromMemory, fromFile].map((ranker) =>
      ranker.rankSync(rankRequestOf(ranker, request, candidates)),
    );
    expect(memory).toEqual(file);
  });

  it.each<[string, unknown, string, string]>([
    ['nothing', undefined, 'ERR_KLEIO_ARGUMENT', 'weights'],
    ['a number', 7, 'ERR_KLEIO_ARGUMENT', 'weights'],
    ['no tensors', {}, 'ERR_KLEIO_ARGUMENT', 'tensors'],
    ['no metadata', { tensors: {} }, 'ERR_KLEIO_ARGUMENT', 'metadata'],
    ['tensors of another class', { tensors: 5, metadata: {} }, 'ERR_KLEIO_ARGUMENT', 'tensors'],
    [
      'no tensor at all',
      { tensors: {}, metadata: { keep_top: 5, short_steps: 6 } },
      'ERR_KLEIO_FORMAT',
      'which the ranker needs',
    ],
  ])('are refused as %s', async (_, weights, code, text) => {
    await expectRejection(() => Ranker.open(untyped(weights)), code, text);
  });

  it.each<[string, unknown, string]>([
    ['no object', 5, 'ERR_KLEIO_ARGUMENT'],
    ['no shape', { values: new Float32Array(16) }, 'ERR_KLEIO_ARGUMENT'],
    ['a negative extent', { shape: [-16], values: new Float32Array(16) }, 'ERR_KLEIO_ARGUMENT'],
    ['an array of numbers', { shape: [16], values: new Array(16).fill(0) }, 'ERR_KLEIO_ARGUMENT'],
    ['doubles', { shape: [16], values: new Float64Array(16) }, 'ERR_KLEIO_DTYPE'],
    ['too few elements', { shape: [16], values: new Float32Array(15) }, 'ERR_KLEIO_SHAPE'],
    [
      'detached memory',
      { shape: [16], values: detached(new Float32Array(16)) },
      'ERR_KLEIO_ARGUMENT',
    ],
    ['NaN', { shape: [16], values: new Float32Array(16).fill(Number.NaN) }, 'ERR_KLEIO_NOT_FINITE'],
  ])('are refused with a tensor of %s', async (_, tensor, code) => {
    const name = 'fc_tower.linears.0.bias';
    const { tensors, metadata } = inMemory();
    const weights = { metadata, tensors: { ...tensors, [name]: tensor } };
    await expectRejection(() => Ranker.open(untyped(weights)), code, name);
  });
});
