/** Tensors of a model, whatever the model. */

import type { NativeValues } from './native-table.js';

/** A tensor of a model: in the weights' file at `offset`, or with its values, which are copied. */
export interface NativeTensor {
  /** For error texts. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Of ids: they ascend as unsigned integers do. */
  readonly unsignedIds: boolean;
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly values: NativeValues | BigInt64Array | undefined;
}

export interface NativeLinear {
  readonly weight: NativeTensor;
  readonly bias: NativeTensor;
}
