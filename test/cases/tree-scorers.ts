/** Draws a whole node scorer, tensor by tensor, under the names of docs/tree.md and of any size. */
import fc from 'fast-check';
import { leastTiers } from '../oracle/simtier.js';
import { type Random, rowsOf } from './random.js';
import { bytesOf, type Tensor, type TensorFile } from './tensor-files.js';

export interface ScorerShape {
  readonly dim: number;
  readonly keepTop: number;
  readonly shortSteps: number;
  readonly userWidth: number;
  readonly coGsu: 'projected' | 'inner' | 'twin';
  readonly coWidth: number;
  readonly lists: 'separate' | 'union';
  readonly esu: 'attention' | 'semantic';
  /** Of the collaborative list, or of the union. */
  readonly first: ListShape;
  readonly multimodal: ListShape;
  /** Widths of the MLP before its last layer, which has one output. */
  readonly hidden: readonly number[];
  readonly tierWidth: number;
}

export interface ListShape {
  /** Per head, the width of its queries and keys, and of its values. */
  readonly heads: readonly (readonly [attended: number, value: number])[];
  readonly outputs: number;
}

const widths = fc.oneof(
  fc.integer({ min: 1, max: 20 }),
  fc.constantFrom(8, 15, 16, 17, 24, 31, 32, 33),
);

const listShapes: fc.Arbitrary<ListShape> = fc.record({
  heads: fc.array(fc.tuple(widths, widths), { minLength: 1, maxLength: 3 }),
  outputs: widths,
});

export const scorerShapes: fc.Arbitrary<ScorerShape> = fc
  .record({
    dim: widths,
    keepTop: fc.oneof(fc.constantFrom(1, 2, 16, 20), fc.integer({ min: 1, max: 60 })),
    shortSteps: fc.constantFrom(0, 0, 1, 7, 60),
    userWidth: fc.constantFrom(0, 1, 5, 16),
    coGsu: fc.constantFrom('projected', 'projected', 'inner', 'twin'),
    coWidth: widths,
    lists: fc.constantFrom('separate', 'separate', 'union'),
    esu: fc.constantFrom('attention', 'semantic'),
    first: listShapes,
    multimodal: listShapes,
    hidden: fc.array(fc.integer({ min: 1, max: 70 }), { maxLength: 3 }),
    tierWidth: fc.constantFrom(0.1, 0.25, 0.5, 0.4, 0.03, 0.7, 2),
  })
  // The union has no cosines of its own.
  .map((shape) => (shape.lists === 'union' ? { ...shape, esu: 'attention' } : shape));

export interface ScoredCorpus {
  readonly ids: readonly bigint[];
  readonly builtInner: number;
}

export function drawScorer(shape: ScorerShape, corpus: ScoredCorpus, random: Random): TensorFile {
  const tensors = new Map<string, Tensor>();
  const place = (name: string, tensorShape: number[], draw: () => number) => {
    const count = tensorShape.reduce((product, extent) => product * extent, 1);
    const bytes = bytesOf(Float32Array.from({ length: count }, draw));
    tensors.set(name, { dtype: 'F32', shape: tensorShape, bytes });
  };
  const projection = (name: string, outputs: number, inputs: number) =>
    place(`${name}.weight`, [outputs, inputs], () => random.normal() / Math.sqrt(inputs));
  const { dim, multimodal } = shape;
  // Some items are unknown to the scorer, and it knows some that nobody else does.
  const known = [...corpus.ids].filter(() => random.chance(0.9));
  const ids = BigInt64Array.from([...known, 2n ** 60n]);
  tensors.set('item.ids', { dtype: 'I64', shape: [ids.length], bytes: bytesOf(ids) });
  place('item.embeddings', [ids.length + 1, dim], rowsOf(dim, random));
  place('node.embeddings', [corpus.builtInner + 1, dim], rowsOf(dim, random));
  if (shape.coGsu === 'projected') {
    projection('co_gsu.query', shape.coWidth, dim);
    projection('co_gsu.key', shape.coWidth, dim);
  }
  const lists: [name: string, shape: ListShape][] =
    shape.lists === 'union'
      ? [['esu.union', shape.first]]
      : [
          ['esu.co', shape.first],
          ['esu.mm', multimodal],
        ];
  for (const [list, { heads, outputs }] of lists) {
    for (const [h, [attended, value]] of heads.entries()) {
      projection(`${list}.heads.${h}.query`, attended, dim);
      projection(`${list}.heads.${h}.key`, attended, dim);
      projection(`${list}.heads.${h}.value`, value, dim);
    }
    const concatenated = heads.reduce((sum, [, value]) => sum + value, 0);
    projection(`${list}.output`, outputs, concatenated);
  }
  const semantic = shape.esu === 'semantic';
  const tiers = semantic ? leastTiers(shape.tierWidth) + random.integer(0, 2) : 0;
  if (semantic) {
    place('esu.mm.temperatures', [1, multimodal.heads.length], () => random.integer(1, 10) / 4);
    place('esu.mm.gains', [3, multimodal.heads.length], () => random.normal());
    place('esu.mm.tier_weights', [1, tiers, 1], () => random.normal());
  }
  const recent = shape.shortSteps > 0 ? dim : 0;
  const attended = lists.reduce((sum, [, { outputs }]) => sum + outputs, 0);
  let inputs = shape.userWidth + recent + attended + tiers + dim;
  for (const [l, width] of [...shape.hidden, 1].entries()) {
    projection(`mlp.${l}`, width, inputs);
    place(`mlp.${l}.bias`, [width], () => 0.2 * random.normal());
    inputs = width;
  }
  const metadata = {
    keep_top: String(shape.keepTop),
    short_steps: String(shape.shortSteps),
    user_width: String(shape.userWidth),
    co_gsu: shape.coGsu,
    lists: shape.lists,
    esu: shape.esu,
    tier_width: String(shape.tierWidth),
  };
  return { tensors, metadata };
}
