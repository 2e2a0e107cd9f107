/** Files: those that are open here and the binary reads, and those that it writes. */

/** The binary takes a descriptor of its own in the call. */
export interface NativeFile {
  /** For error texts: nobody resolves it again. */
  readonly path: string;
  readonly descriptor: number;
  /** Size in bytes, then mtime and ctime in nanoseconds, before anything was read. */
  readonly stamp: BigInt64Array;
}

export interface NativeFileBinding {
  /** Whole or not at all. */
  writeFile(path: string, bytes: Uint8Array): void;
}
