/** Typed arrays in every state that JavaScript can bring them into. */

/** Its memory now belongs to another ArrayBuffer. */
export function detached<T extends ArrayBufferView>(view: T): T {
  structuredClone(view.buffer, { transfer: [view.buffer as ArrayBuffer] });
  return view;
}

type ResizableConstructor = new (
  bytes: number,
  options: { maxByteLength: number },
) => ArrayBuffer & { resize(bytes: number): void };

/** A buffer that can be resized; Node.js 20 has them, the types of ES2022 do not. */
export const resizableBuffer = (bytes: number, maxByteLength: number) =>
  new (ArrayBuffer as unknown as ResizableConstructor)(bytes, { maxByteLength });

/** A Float32Array whose buffer shrank below it. */
export function outOfBounds(length: number): Float32Array {
  const buffer = resizableBuffer(length * 4, length * 4);
  const view = new Float32Array(buffer, 0, length);
  buffer.resize(4);
  return view;
}

/** Claims to have `length` elements. */
export function lying<T extends ArrayBufferView>(view: T, length: number): T {
  return Object.defineProperty(view, 'length', { value: length });
}

export function shared<T extends Int8Array | Int32Array | Float32Array | BigInt64Array>(
  view: T,
): T {
  const View = view.constructor as new (buffer: SharedArrayBuffer) => T & { set(from: T): void };
  const copy = new View(new SharedArrayBuffer(view.byteLength));
  copy.set(view);
  return copy;
}

/** The same elements at an address that no vector load likes. */
export function misaligned<T extends Int8Array | Int32Array | Float32Array>(view: T): T {
  const { BYTES_PER_ELEMENT: bytes } = view;
  const View = view.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => T;
  const copy = new View(new ArrayBuffer(view.byteLength + bytes), bytes, view.length);
  copy.set(view);
  return copy;
}
