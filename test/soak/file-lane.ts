/** Embedding files that are replaced under the tables that were opened from them. */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddingTable, History } from 'kleio';
import { bytesOf, npyOf, safetensorsOf } from '../cases/tensor-files.js';
import {
  type Lane,
  type LaneSetting,
  persistently,
  require,
  requireEqual,
  requireRefusal,
} from './lane.js';

const ROWS = 500;
const DIM = 8;
const AT_ONCE = 5;
const HELD = 10;

interface Held {
  readonly table: EmbeddingTable;
  /** Of the file that it was opened from. */
  readonly version: number;
}

export class FileLane implements Lane {
  readonly name = 'files';
  readonly #setting: LaneSetting;
  readonly #path: string;
  readonly #held: Held[] = [];
  #version = 0;

  constructor(setting: LaneSetting) {
    this.#setting = setting;
    this.#path = join(setting.folder, 'items.safetensors');
  }

  async step(): Promise<void> {
    const { tally } = this.#setting;
    this.#replace();
    const opening = Array.from({ length: AT_ONCE }, () => this.#open());
    this.#replace(); // while they open
    this.#held.push(...(await Promise.all(opening)));
    // Those whose file has gone, too.
    for (const held of this.#held) this.#check(held);
    for (const { table } of this.#held.splice(0, this.#held.length - HELD)) table.close();
    await this.#openPlain();
    await this.#misuse();
    tally.add('tables opened', AT_ONCE + 1);
  }

  async close(): Promise<void> {
    for (const { table } of this.#held.splice(0)) table.close();
  }

  /** The file that is there at the moment of the call. */
  async #open(): Promise<Held> {
    let version = 0;
    const table = await persistently(this.#setting.tally, () => {
      version = this.#version;
      return EmbeddingTable.open(this.#path);
    });
    return { table, version };
  }

  /** As the documentation asks: another file, renamed. */
  #replace(): void {
    this.#version += 1;
    const ids = BigInt64Array.from({ length: ROWS }, (_, row) => idOf(this.#version, row));
    const values = valuesOf(this.#version);
    const bytes = safetensorsOf({
      ids: { dtype: 'I64', shape: [ROWS], bytes: bytesOf(ids) },
      values: { dtype: 'I8', shape: [ROWS, DIM], bytes: bytesOf(values) },
    });
    writeFileSync(`${this.#path}.new`, bytes);
    renameSync(`${this.#path}.new`, this.#path);
  }

  /** Ids and values must be of one version of the file, whichever is there now. */
  #check({ table, version }: Held): void {
    const { random } = this.#setting;
    const history = new History(table);
    history.append(BigInt64Array.from({ length: ROWS }, (_, row) => idOf(version, row)));
    const row = random.integer(0, ROWS - 1);
    const target = valuesOf(version).slice(row * DIM, (row + 1) * DIM);
    const { scores, positions } = history.searchSync(target, { k: 1 });
    history.close();
    requireEqual(scores, [1], 'the score of an item with itself');
    // Rows of one direction have one score: the newest of them is kept.
    require(positions[0]! >= row, 'the position of an item');
  }

  async #openPlain(): Promise<void> {
    const { folder, tally } = this.#setting;
    const path = join(folder, 'items.npy');
    writeFileSync(path, npyOf('|i1', [ROWS, DIM], bytesOf(valuesOf(this.#version))));
    const table = await persistently(tally, () => EmbeddingTable.open(path));
    require(table.rows === ROWS && table.dim === DIM, 'the shape of a table');
    table.close();
  }

  async #misuse(): Promise<void> {
    const { folder, tally } = this.#setting;
    const path = join(folder, 'damaged.safetensors');
    writeFileSync(path, Uint8Array.of(1, 2, 3));
    await requireRefusal('ERR_KLEIO_FORMAT', () => EmbeddingTable.open(path));
    await requireRefusal('ERR_KLEIO_FILE', () => EmbeddingTable.open(join(folder, 'absent.npy')));
    tally.add('refusals', 2);
  }
}

const idOf = (version: number, row: number): bigint => BigInt(version * ROWS + row);

function valuesOf(version: number): Int8Array {
  return Int8Array.from(
    { length: ROWS * DIM },
    (_, i) => ((i * 7919 + version * 104_729) % 97) + 1,
  );
}
