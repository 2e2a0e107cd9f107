/** A file that is open here, for the binary to read: it takes a descriptor of its own in the call. */

export interface NativeFile {
  /** For error texts: nobody resolves it again. */
  readonly path: string;
  readonly descriptor: number;
  /** Size in bytes, then mtime and ctime in nanoseconds, before anything was read. */
  readonly stamp: BigInt64Array;
}
