/** What a footer says of a row group, read without keeping what nobody asked for: there may be millions of groups. */

import { MAX_SCHEMA_DEPTH } from './parquet-schema.js';
import type { ThriftReader } from './thrift-reader.js';

/** Of one column in one row group; nothing of it is checked. */
export interface ChunkClaims {
  path: string;
  type: number;
  codec: number;
  entries: number;
  compressedSize: number;
  dataOffset: number;
  dictionaryOffset: number;
  otherFile: string;
  isEncrypted: boolean;
}

export interface GroupClaims {
  rows: number;
  /** By the name of the column asked for. */
  readonly chunks: ReadonlyMap<string, ChunkClaims>;
}

const NO_CLAIMS: Readonly<ChunkClaims> = {
  ...{ path: '', type: -1, codec: -1, entries: -1, compressedSize: -1 },
  ...{ dataOffset: 0, dictionaryOffset: 0, otherFile: '', isEncrypted: false },
};

export const pathKey = (path: readonly string[]): string => path.join('\0');

export class RowGroupClaims {
  readonly #reader: ThriftReader;
  readonly #names: ReadonlyMap<string, string>;
  readonly #mostChunks: number;
  readonly #chunks = new Map<string, ChunkClaims>();
  readonly #path: string[] = [];
  #claims: ChunkClaims = { ...NO_CLAIMS };
  #rows = 0;
  #count = 0;

  /**
   * @param names of the columns asked for, by the keys of their paths
   * @param mostChunks columns that the schema may have
   */
  constructor(reader: ThriftReader, names: ReadonlyMap<string, string>, mostChunks: number) {
    this.#reader = reader;
    this.#names = names;
    this.#mostChunks = mostChunks;
  }

  /** Of the group that the reader has come to, until the next one is read. */
  read(): GroupClaims {
    this.#chunks.clear();
    this.#rows = 0;
    this.#count = 0;
    this.#reader.struct(this.#ofGroup);
    return { rows: this.#rows, chunks: this.#chunks };
  }

  readonly #readChunk = (): void => {
    this.#count += 1;
    if (this.#count > this.#mostChunks) throw new Error('a row group has columns without a schema');
    Object.assign(this.#claims, NO_CLAIMS);
    this.#reader.struct(this.#ofChunk);
    const { path, isEncrypted } = this.#claims;
    if (path === '' && !isEncrypted) throw new Error('a row group has a column without a name');
    const name = this.#names.get(path);
    if (name !== undefined) this.#chunks.set(name, { ...this.#claims });
  };

  readonly #readName = (): void => {
    if (this.#path.push(this.#reader.text()) <= MAX_SCHEMA_DEPTH) return;
    throw new Error(`a row group has a column nested more than ${MAX_SCHEMA_DEPTH} deep`);
  };

  // Made once: as the records of one group they would cost more than what they read.

  readonly #ofGroup = {
    1: () => this.#reader.list(this.#readChunk),
    3: () => {
      this.#rows = this.#reader.int();
    },
  };

  readonly #ofChunk = {
    1: () => {
      this.#claims.otherFile = this.#reader.text();
    },
    3: () => this.#reader.struct(this.#ofMetadata),
    8: () => {
      this.#claims.isEncrypted = true;
      this.#reader.skip();
    },
  };

  readonly #ofMetadata = {
    1: () => {
      this.#claims.type = this.#reader.int();
    },
    3: () => {
      this.#path.length = 0;
      this.#reader.list(this.#readName);
      this.#claims.path = pathKey(this.#path);
    },
    4: () => {
      this.#claims.codec = this.#reader.int();
    },
    5: () => {
      this.#claims.entries = this.#reader.int();
    },
    7: () => {
      this.#claims.compressedSize = this.#reader.int();
    },
    9: () => {
      this.#claims.dataOffset = this.#reader.int();
    },
    11: () => {
      this.#claims.dictionaryOffset = this.#reader.int();
    },
  };
}
