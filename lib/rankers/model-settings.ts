/** The settings of a model: what its metadata says beside the tensors, each checked, and none misspelled. */

import { decimalOf } from '../support/decimals.js';
import { codedError, shown } from '../support/errors.js';
import { nearest, notOneOf } from '../support/options.js';
import type { WeightSource } from './ranker-weights.js';

/** Names of other tools may stand there too; so far from a setting's, they are not meant to be one. */
const SLIP_EDITS = 2;

interface NumberSetting {
  /** Absent: it must be given. */
  readonly byDefault?: number;
  readonly lowest: number;
  readonly highest: number;
}

export class ModelSettings<Name extends string> {
  readonly #label: string;
  readonly #given: Partial<Record<Name, string | number>> = {};

  /**
   * @param names of all settings of such models.
   * @throws ERR_KLEIO_FORMAT where one is missing and a slip of it is there: its value would be left out.
   */
  constructor({ label, metadata }: WeightSource, names: readonly Name[]) {
    this.#label = label;
    const others = Object.keys(metadata).filter((name) => !names.includes(name as Name));
    for (const name of names) {
      if (Object.hasOwn(metadata, name)) this.#given[name] = metadata[name]!;
      else requireNoSlip(label, name, others);
    }
  }

  integer(name: Name, range: NumberSetting): number {
    return this.#number(name, range, 'an integer', Number.isInteger);
  }

  number(name: Name, range: NumberSetting): number {
    return this.#number(name, range, 'a number', Number.isFinite);
  }

  /** The code of the choice that the setting names. */
  choice<Choices extends Readonly<Record<string, number>>>(
    name: Name,
    byDefault: keyof Choices & string,
    codes: Choices,
  ): number {
    const { [name]: given = byDefault } = this.#given;
    if (typeof given === 'string' && Object.hasOwn(codes, given)) return codes[given]!;
    throw notOneOf(`${this.#label}metadata.${name}`, String(given), Object.keys(codes));
  }

  given(name: Name): string | number | undefined {
    return this.#given[name];
  }

  #number(
    name: Name,
    { byDefault, lowest, highest }: NumberSetting,
    kind: string,
    isValid: (value: number) => boolean,
  ): number {
    const { [name]: given = byDefault } = this.#given;
    if (given === undefined) throw missing(`${this.#label}metadata`, name);
    const number = decimalOf(given);
    if (isValid(number) && number >= lowest && number <= highest) return number;
    throw codedError(
      'ERR_KLEIO_FORMAT',
      `${this.#label}metadata.${name} must be ${kind} from ${lowest} to ${highest}; got ${shown(given)}`,
    );
  }
}

function requireNoSlip(label: string, name: string, others: readonly string[]): void {
  const slip = nearest(name, others, SLIP_EDITS);
  if (slip === undefined) return;
  throw codedError(
    'ERR_KLEIO_FORMAT',
    `${label}metadata ${shown(slip)} is no setting; did you mean '${name}'?`,
  );
}

function missing(metadata: string, name: string): Error {
  return codedError('ERR_KLEIO_FORMAT', `${metadata} has no '${name}', which the model needs`);
}
