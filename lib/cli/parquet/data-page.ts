/** A data page whose entries are read one by one: whether each begins a row, and its value if it has one. */

import { ByteCursor } from './byte-cursor.js';
import { decompressed } from './codecs.js';
import { HybridRuns } from './hybrid-runs.js';
import { PAGE, type PageHeader } from './page-header.js';
import type { Chunk } from './row-groups.js';
import { type Dictionary, encodingName, type ValueReader, valueReader } from './value-readers.js';

const RLE = 3;

export class DataPage {
  readonly #maxDefinition: number;
  readonly #repetition: HybridRuns | undefined;
  readonly #definition: HybridRuns | undefined;
  readonly #values: ValueReader;
  /** Entries that have not come, the present one too. */
  #left: number;
  /** Of the present entry; of columns without lists every entry is a row. */
  #begins = true;

  private constructor(
    maxDefinition: number,
    entries: number,
    repetition: HybridRuns | undefined,
    definition: HybridRuns | undefined,
    values: ValueReader,
  ) {
    this.#maxDefinition = maxDefinition;
    this.#repetition = repetition;
    this.#definition = definition;
    this.#values = values;
    this.#left = entries + 1;
    this.#advance();
  }

  /** @param bytes the page as it lies in the file */
  static async open(
    { column, codec }: Chunk,
    header: PageHeader,
    bytes: Uint8Array,
    dictionary: Dictionary | undefined,
  ): Promise<DataPage> {
    const { maxDefinition, maxRepetition } = column.leaf;
    const { entries, encoding, levels } = header;
    let repetition: ByteCursor;
    let definition: ByteCursor;
    let values: ByteCursor;
    if (header.type === PAGE.dataV2) {
      const page = new ByteCursor(bytes);
      repetition = part(page, levels.repetitionBytes);
      definition = part(page, levels.definitionBytes);
      const size = header.uncompressedSize - page.offset;
      if (size < 0) throw new Error(`levels of ${page.offset} bytes in ${header.uncompressedSize}`);
      const rest = bytes.subarray(page.offset);
      values = new ByteCursor(levels.isCompressed ? await decompressed(codec, rest, size) : rest);
    } else {
      values = new ByteCursor(await decompressed(codec, bytes, header.uncompressedSize));
      repetition = levelsOf(values, maxRepetition, levels.repetitionEncoding);
      definition = levelsOf(values, maxDefinition, levels.definitionEncoding);
    }
    return new DataPage(
      maxDefinition,
      entries,
      maxRepetition > 0 ? new HybridRuns(repetition, bitsOf(maxRepetition)) : undefined,
      maxDefinition > 0 ? new HybridRuns(definition, bitsOf(maxDefinition)) : undefined,
      valueReader(encoding, column.type, values, dictionary),
    );
  }

  get isOver(): boolean {
    return this.#left === 0;
  }

  /** Whether the present entry is the first of a row. */
  get beginsRow(): boolean {
    return this.#begins;
  }

  /** The definition level of the present entry; its value has to be taken next if it is there. */
  level(): number {
    const level = this.#definition?.next() ?? 0;
    if (level > this.#maxDefinition) throw new Error(`the definition level ${level}`);
    return level;
  }

  value(): bigint {
    return this.#values.next();
  }

  /** To the next entry; after the last one, nothing may be left. */
  advance(): void {
    this.#advance();
    if (this.#left > 0) return;
    this.#repetition?.finish();
    this.#definition?.finish();
    this.#values.finish();
  }

  #advance(): void {
    this.#left -= 1;
    if (this.#left > 0 && this.#repetition !== undefined)
      this.#begins = this.#repetition.next() === 0;
  }
}

function part(page: ByteCursor, length: number): ByteCursor {
  const start = page.skip(length);
  return new ByteCursor(page.bytes, start, page.offset);
}

/** Levels of version 1, behind their length. */
function levelsOf(page: ByteCursor, highest: number, encoding: number): ByteCursor {
  if (highest === 0) return part(page, 0);
  if (encoding !== RLE) throw new Error(`levels in ${encodingName(encoding)} are not read`);
  return part(page, page.uint32());
}

const bitsOf = (highest: number): number => 32 - Math.clz32(highest);
