/** Taking named tensors from a source of weights, whatever the model. */

import type { NativeLinear, NativeTensor } from '../binding/contract/native-weights.js';
import { codedError, shown } from '../support/errors.js';
import { nearest } from '../support/options.js';
import { ID_ELEMENTS, isIdElement } from '../tables/dtypes.js';
import { wrongElement } from '../tables/safetensors.js';
import type { FoundTensor, WeightSource } from './ranker-weights.js';

/** Takes tensors from a source, and knows which it took. */
export class WeightTensors {
  readonly #source: WeightSource;
  readonly #model: string;
  readonly #read = new Set<string>();

  /** @param model what error texts call the model. */
  constructor(source: WeightSource, model: string) {
    this.#source = source;
    this.#model = model;
  }

  /**
   * How many parts of a numbered kind there should be: up to the last that has a name, so that one
   * missing in between is missed by its name. At least one, and never more than names could fill.
   */
  countOf(prefix: string): number {
    const { names } = this.#source;
    const numbers = names
      .filter((name) => name.startsWith(prefix))
      .map((name) => Number.parseInt(name.slice(prefix.length), 10))
      .filter((number) => number >= 0 && number < names.length);
    return numbers.reduce((count, number) => Math.max(count, number + 1), 1);
  }

  floats(name: string): NativeTensor {
    const tensor = this.take(name);
    if (tensor.element === 'F32') return tensor;
    throw wrongElement(tensor, 'F32');
  }

  linear(name: string): NativeLinear {
    return { weight: this.floats(`${name}.weight`), bias: this.floats(`${name}.bias`) };
  }

  /** Every tensor under these prefixes must have been taken: another one is a layer that would be left out. */
  requireAllRead(prefixes: readonly string[], model: string): void {
    for (const name of this.#source.names) {
      if (this.#read.has(name) || !prefixes.some((prefix) => name.startsWith(prefix))) continue;
      throw codedError(
        'ERR_KLEIO_FORMAT',
        `${this.#source.label}tensor ${shown(name)} belongs to no layer of ${model}`,
      );
    }
  }

  ids(name: string): NativeTensor {
    const tensor = this.take(name);
    if (isIdElement(tensor.element)) return tensor;
    throw wrongElement(tensor, ID_ELEMENTS);
  }

  take(name: string): FoundTensor {
    const tensor = this.#source.find(name);
    if (tensor !== undefined) {
      this.#read.add(name);
      return tensor;
    }
    const near = nearest(
      name,
      this.#source.names.filter((other) => !this.#read.has(other)),
    );
    const hint = near === undefined ? '' : `; the nearest name is ${shown(near)}`;
    throw codedError(
      'ERR_KLEIO_FORMAT',
      `${this.#source.label}has no tensor ${shown(name)}, which the ${this.#model} needs${hint}`,
    );
  }
}
