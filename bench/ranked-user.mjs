// A user with a long history, candidates, and the released model grown to know all their items. Every
// behaviour is an item of its own: no repeats to save anybody work.
import { ClusteredVectors, codesOf, uniformStream } from './clustered-vectors.mjs';
import { readSafetensors } from './safetensors.mjs';

const WEIGHTS = new URL('../test/golden/muse_a.weights.safetensors', import.meta.url);
const USER_FEATURES = ['129_1', '130_1', '130_2', '130_3', '130_4', '130_5'];
/** Raw ids start here: not at the rows' own numbers, which a lookup could confuse them with. */
const FIRST_ID = 1_000_000n;
const ID_STRIDE = 7n;

export class RankedUser {
  #released = readSafetensors(WEIGHTS);

  constructor({ length, candidates, seed }) {
    const uniform = uniformStream(seed + 1);
    const pick = (values) => values[Math.floor(uniform() * values.length)];
    const known = (feature) => this.#tensor(`feature_maps.${feature}`);
    this.length = length;
    this.candidates = candidates;
    this.dim = this.#tensor('scl_embedding_table.values', 'shape')[1];
    this.k = Number(this.#released.metadata.keep_top);
    this.vectors = new ClusteredVectors(this.dim, seed).draw(length + candidates);
    this.codes = codesOf(this.vectors);

    this.items = BigInt64Array.from(
      { length: length + candidates },
      (_, at) => FIRST_ID + ID_STRIDE * BigInt(at),
    );
    this.itemEmbeddings = this.#drawItemEmbeddings(uniform);
    this.categories = this.items.map(() => pick(known('151_2_180')));
    this.cities = BigInt64Array.from({ length: candidates }, () => pick(known('213')));
    this.provinces = BigInt64Array.from({ length: candidates }, () => pick(known('214')));
    this.user = BigInt64Array.from(USER_FEATURES, (feature) => pick(known(feature)));
  }

  /** The model over these similarity values: the codes or the vectors. */
  weights(similarityValues) {
    const { tensors, metadata } = this.#released;
    const rows = this.items.length;
    return {
      metadata,
      tensors: {
        ...tensors,
        'feature_maps.150_2_180': { shape: [rows], values: this.items },
        'embedding_layers.150_2_180.weight': {
          shape: [rows + 1, this.#width('150_2_180')],
          values: this.itemEmbeddings,
        },
        'scl_embedding_table.keys': { shape: [rows], values: this.items },
        'scl_embedding_table.values': { shape: [rows, this.dim], values: similarityValues },
      },
    };
  }

  /** The behaviours, for `ranker.history`. */
  get history() {
    const { length, items, categories } = this;
    return [items.subarray(0, length), { categories: categories.subarray(0, length) }];
  }

  /** The first of the candidates, as a request takes them. */
  some(count) {
    const [start, end] = [this.length, this.length + count];
    return {
      items: this.items.subarray(start, end),
      categories: this.categories.subarray(start, end),
      cities: this.cities.subarray(0, count),
      provinces: this.provinces.subarray(0, count),
    };
  }

  /** e = [item ‖ category] of items [start, end), as a runtime without lookups must be given it. */
  embeddings(start, end) {
    const rows = [];
    for (let at = start; at < end; ++at) {
      const item = this.itemEmbeddings.subarray((at + 1) * this.#width('150_2_180'));
      rows.push(item.subarray(0, this.#width('150_2_180')));
      rows.push(this.#embedding('151_2_180', this.categories[at]));
    }
    return concatenated(rows);
  }

  /** What the tower reads of each candidate beside e: city, province and the user. */
  others(count) {
    const user = USER_FEATURES.map((feature, i) => this.#embedding(feature, this.user[i]));
    const rows = [];
    for (let at = 0; at < count; ++at) {
      rows.push(this.#embedding('213', this.cities[at]));
      rows.push(this.#embedding('214', this.provinces[at]), ...user);
    }
    return concatenated(rows);
  }

  #tensor(name, part = 'values') {
    return this.#released.tensors[name][part];
  }

  #width(feature) {
    return this.#tensor(`embedding_layers.${feature}.weight`, 'shape')[1];
  }

  #embedding(feature, id) {
    const row = this.#tensor(`feature_maps.${feature}`).indexOf(id) + 1;
    const width = this.#width(feature);
    const values = this.#tensor(`embedding_layers.${feature}.weight`);
    return values.subarray(row * width, (row + 1) * width);
  }

  /** Rows of the released table, in random order with a little of their own. Row 0: unknown items. */
  #drawItemEmbeddings(uniform) {
    const width = this.#width('150_2_180');
    const released = this.#tensor('embedding_layers.150_2_180.weight');
    const rows = released.length / width;
    const embeddings = new Float32Array((this.items.length + 1) * width);
    for (let start = width; start < embeddings.length; start += width) {
      const row = 1 + Math.floor(uniform() * (rows - 1));
      for (let d = 0; d < width; ++d) {
        embeddings[start + d] = released[row * width + d] * (0.9 + 0.2 * uniform());
      }
    }
    return embeddings;
  }
}

function concatenated(rows) {
  const length = rows.reduce((sum, row) => sum + row.length, 0);
  const all = new Float32Array(length);
  let at = 0;
  for (const row of rows) {
    all.set(row, at);
    at += row.length;
  }
  return all;
}
