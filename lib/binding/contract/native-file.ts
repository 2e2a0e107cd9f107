/** Files: those that are open here and the binary reads, and those that it writes. */

/** The binary takes a descriptor of its own in the call. */
export interface NativeFile {
  /** For error texts: nobody resolves it again. */
  readonly path: string;
  readonly descriptor: number;
  /** Size in bytes, then mtime and ctime in nanoseconds, before anything was read. */
  readonly stamp: BigInt64Array;
}

/** Absolute, and where Node.js lets this process write: `lib/binding/new-file.ts` makes them. */
export type WritablePath = string & { readonly writable: unique symbol };

export interface NativeFileBinding {
  /** Whole or not at all. */
  writeFile(path: WritablePath, bytes: Uint8Array): void;
}
