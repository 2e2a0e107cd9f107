/** Headers of the pages of a column chunk. */

import { ThriftReader } from './thrift-reader.js';

export const PAGE = { data: 0, index: 1, dictionary: 2, dataV2: 3 } as const;

export interface PageHeader {
  readonly type: number;
  readonly uncompressedSize: number;
  readonly compressedSize: number;
  readonly crc?: number;
  /** Of a data page, with nulls and empty lists. */
  readonly entries: number;
  readonly encoding: number;
  readonly levels: PageLevels;
  /** Bytes of the header. */
  readonly length: number;
}

export interface PageLevels {
  /** Encodings of version 1, which says its lengths with the levels. */
  readonly definitionEncoding: number;
  readonly repetitionEncoding: number;
  /** Lengths of version 2, whose levels are never compressed. */
  readonly definitionBytes: number;
  readonly repetitionBytes: number;
  /** Whether the values of version 2 are. */
  readonly isCompressed: boolean;
}

export function readPageHeader(bytes: Uint8Array): PageHeader {
  const reader = new ThriftReader(bytes);
  const levels = {
    ...{ definitionEncoding: -1, repetitionEncoding: -1 },
    ...{ definitionBytes: 0, repetitionBytes: 0, isCompressed: true },
  };
  const header = {
    ...{ type: -1, uncompressedSize: -1, compressedSize: -1, crc: undefined as number | undefined },
    ...{ entries: -1, encoding: -1, levels, length: 0 },
  };
  const readInto = <T>(target: T, field: keyof T) => {
    return () => {
      target[field] = reader.int() as T[keyof T];
    };
  };
  const counts = { 1: readInto(header, 'entries'), 2: readInto(header, 'encoding') };
  reader.struct({
    1: readInto(header, 'type'),
    2: readInto(header, 'uncompressedSize'),
    3: readInto(header, 'compressedSize'),
    4: readInto(header, 'crc'),
    5: () =>
      reader.struct({
        ...counts,
        3: readInto(levels, 'definitionEncoding'),
        4: readInto(levels, 'repetitionEncoding'),
      }),
    7: () => reader.struct(counts),
    8: () =>
      reader.struct({
        1: readInto(header, 'entries'),
        4: readInto(header, 'encoding'),
        5: readInto(levels, 'definitionBytes'),
        6: readInto(levels, 'repetitionBytes'),
        7: () => {
          levels.isCompressed = reader.flag();
        },
      }),
  });
  return { ...header, length: reader.offset } as PageHeader;
}
