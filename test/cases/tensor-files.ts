/** Writes and reads the two file formats by their specifications, for the tests alone. */
import { readFileSync } from 'node:fs';

export interface Tensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export interface TensorFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

interface HeaderEntry {
  readonly dtype: string;
  readonly shape: number[];
  readonly data_offsets: [number, number];
}

/** All tensors of a .safetensors file. */
export function readSafetensors(path: string): ReadonlyMap<string, Tensor> {
  return readTensorFile(path).tensors;
}

/** All tensors of a .safetensors file, and what its header says beside them. */
export function readTensorFile(path: string): TensorFile {
  const file = readFileSync(path);
  const headerEnd = 8 + Number(file.readBigUInt64LE(0));
  const { __metadata__: metadata = {}, ...header } = JSON.parse(
    file.toString('utf8', 8, headerEnd),
  );
  const tensors = Object.entries(header as Record<string, HeaderEntry>).map(
    ([name, { dtype, shape, data_offsets: offsets }]): [string, Tensor] => {
      // Copied, so that the elements are aligned.
      const [start, end] = [headerEnd + offsets[0], headerEnd + offsets[1]];
      return [name, { dtype, shape, bytes: Uint8Array.from(file.subarray(start, end)) }];
    },
  );
  return { tensors: new Map(tensors), metadata };
}

/** A .safetensors file of these tensors. */
export function safetensorsOf(
  tensors: Readonly<Record<string, Tensor>>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const header: Record<string, unknown> = metadata === undefined ? {} : { __metadata__: metadata };
  let offset = 0;
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + bytes.byteLength] };
    offset += bytes.byteLength;
  }
  return safetensorsWithHeader(
    header,
    Object.values(tensors).map(({ bytes }) => bytes),
  );
}

/** A .safetensors file with this header, whether or not it is true. */
export function safetensorsWithHeader(header: unknown, parts: readonly Uint8Array[]): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...parts]);
}

/** A .npy file, version 1.0, with this header line, whether or not it is true. */
export function npyWithHeader(header: string, bytes: Uint8Array): Uint8Array {
  const padded = header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11);
  const start = Buffer.from('\x93NUMPY\x01\x00..', 'latin1');
  start.writeUInt16LE(padded.length + 1, 8);
  return Buffer.concat([start, Buffer.from(`${padded}\n`, 'latin1'), bytes]);
}

export function npyOf(descriptor: string, shape: readonly number[], bytes: Uint8Array): Uint8Array {
  const tuple = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
  const header = `{'descr': '${descriptor}', 'fortran_order': False, 'shape': ${tuple}, }`;
  return npyWithHeader(header, bytes);
}

export const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
