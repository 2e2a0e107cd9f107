/** Tensors of a model, whatever the model. */

import type { NativeFile } from './native-file.js';
import type { NativeValues } from './native-table.js';

/** A tensor of a model: in a file at `offset`, or with its values, which are copied. */
export interface NativeTensor {
  /** For error texts. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Of ids: they ascend as unsigned integers do. */
  readonly unsignedIds: boolean;
  /** Undefined: it brings its values. */
  readonly file: NativeFile | undefined;
  /** Bytes from the start of the file. */
  readonly offset: number;
  readonly values: NativeValues | BigInt64Array | undefined;
}

export interface NativeLinear {
  readonly weight: NativeTensor;
  readonly bias: NativeTensor;
}
