/** Decompression of parquet pages by what Node.js carries; Snappy is the reader's own. */

import * as zlib from 'node:zlib';

import type { Compressors } from 'hyparquet';

/** Node.js has Zstandard since 22.15. */
const { zstdDecompressSync } = zlib as { zstdDecompressSync?: (input: Uint8Array) => Uint8Array };

export const COMPRESSORS: Compressors = {
  GZIP: (input) => zlib.gunzipSync(input),
  BROTLI: (input) => zlib.brotliDecompressSync(input),
  ...(zstdDecompressSync && { ZSTD: (input) => zstdDecompressSync(input) }),
};
