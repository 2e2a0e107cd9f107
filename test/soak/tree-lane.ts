/** An index tree that changes, is searched, saved, opened again and built anew. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddingTable, IndexTree } from 'kleio';
import { type Lane, type LaneSetting, persistently, require, requireRefusal } from './lane.js';

const DIM = 16;
const LEAST_ITEMS = 100;
const MOST_ITEMS = 600;
const REBUILT = 0.05;
const REOPENED = 0.1;
/** Of a sum of so many products in float32. */
const TOLERANCE = 1e-4;

export class TreeLane implements Lane {
  readonly name = 'trees';
  readonly #setting: LaneSetting;
  /** What the tree should hold. */
  readonly #items = new Map<bigint, Int8Array>();
  #tree: IndexTree | undefined;
  #nextId = 0n;
  #files = 0;

  constructor(setting: LaneSetting) {
    this.#setting = setting;
  }

  async step(): Promise<void> {
    const { random, tally } = this.#setting;
    if (this.#tree === undefined || random.chance(REBUILT)) await this.#build();
    const tree = this.#tree as IndexTree;
    await random.pick([
      () => this.#insert(tree),
      () => this.#remove(tree),
      () => this.#search(tree),
      () => this.#searchBeam(tree),
      () => this.#misuse(tree),
    ])();
    require(tree.items === this.#items.size, 'the number of items');
    if (random.chance(REOPENED)) await this.#saveAndOpen(tree);
    tally.add('steps of trees');
  }

  async close(): Promise<void> {
    this.#tree?.close();
    this.#tree = undefined;
  }

  #draw(count: number): [bigint, Int8Array][] {
    const { random } = this.#setting;
    return Array.from({ length: count }, () => [
      this.#nextId++,
      Int8Array.from({ length: DIM }, () => random.integer(-50, 50)),
    ]);
  }

  async #build(): Promise<void> {
    const { random, tally } = this.#setting;
    this.#tree?.close();
    this.#items.clear();
    const drawn = this.#draw(random.integer(LEAST_ITEMS, MOST_ITEMS));
    for (const [id, embedding] of drawn) this.#items.set(id, embedding);
    const ids = BigInt64Array.from(this.#items.keys());
    const table = EmbeddingTable.from(together(drawn), { dim: DIM, ids });
    this.#tree = await persistently(tally, () => IndexTree.build(table));
    table.close();
    tally.add('trees built');
  }

  async #insert(tree: IndexTree): Promise<void> {
    const { random, tally } = this.#setting;
    if (this.#items.size > MOST_ITEMS) return;
    const drawn = this.#draw(random.integer(1, 20));
    const ids = BigInt64Array.from(drawn, ([id]) => id);
    await persistently(tally, () => tree.insert(ids, together(drawn)));
    for (const [id, embedding] of drawn) this.#items.set(id, embedding);
    tally.add('items inserted', drawn.length);
  }

  async #remove(tree: IndexTree): Promise<void> {
    const { random, tally } = this.#setting;
    if (this.#items.size < LEAST_ITEMS) return;
    const known = [...this.#items.keys()];
    const ids = new Set(Array.from({ length: random.integer(1, 20) }, () => random.pick(known)));
    const removed = await persistently(tally, () => tree.remove(BigInt64Array.from(ids)));
    require(removed === ids.size, 'the number of items removed');
    for (const id of ids) this.#items.delete(id);
    tally.add('items removed', ids.size);
  }

  /** Every leaf scored: the largest inner products. */
  async #search(tree: IndexTree): Promise<void> {
    const { tally } = this.#setting;
    const user = this.#user();
    const scores = new Map<bigint, number>();
    for (const [id, embedding] of this.#items) {
      scores.set(
        id,
        embedding.reduce((sum, value, d) => sum + value * user[d]!, 0),
      );
    }
    const n = 10;
    const asked = { user, beam: Number.POSITIVE_INFINITY, n };
    const { items, logits } = await persistently(tally, () => tree.search(asked));
    require(items.length === Math.min(n, scores.size), 'the number of items found');
    const best = [...scores.values()].sort((a, b) => b - a);
    items.forEach((id, place) => {
      const score = scores.get(id);
      const slack = TOLERANCE * (1 + Math.abs(best[place]!));
      require(score !== undefined, `item ${id}, which is not there`);
      require(Math.abs(score - logits[place]!) <= slack, 'the logit of an item');
      require(Math.abs(best[place]! - logits[place]!) <= slack, 'the best of the items');
    });
    tally.add('tree searches checked by the definition');
  }

  async #searchBeam(tree: IndexTree): Promise<void> {
    const { random, tally } = this.#setting;
    const block = BigInt64Array.of(random.pick([...this.#items.keys()]));
    const asked = { user: this.#user(), beam: 8, n: 5, block };
    const asking = Array.from({ length: 20 }, () => persistently(tally, () => tree.search(asked)));
    const [first, ...others] = await Promise.all(asking);
    for (const { items } of others) require(items.join() === first!.items.join(), 'a beam');
    require(!first!.items.includes(block[0]!), 'an item that was blocked');
    tally.add('tree searches', asking.length);
  }

  async #misuse(tree: IndexTree): Promise<void> {
    const known = BigInt64Array.of([...this.#items.keys()][0]!);
    const code = 'ERR_KLEIO_DUPLICATE_ID';
    const { tally } = this.#setting;
    await requireRefusal(code, () =>
      persistently(tally, () => tree.insert(known, new Int8Array(DIM).fill(1))),
    );
    await requireRefusal('ERR_KLEIO_FILE', () => IndexTree.open('no-such-file.tree'));
    tally.add('refusals', 2);
  }

  async #saveAndOpen(tree: IndexTree): Promise<void> {
    const { folder, tally } = this.#setting;
    const path = join(folder, `${this.#files++}.tree`);
    await persistently(tally, () => tree.save(path));
    this.#tree = await persistently(tally, () => IndexTree.open(path));
    tree.close();
    rmSync(path); // what was opened outlives its name
    require(this.#tree.items === this.#items.size, 'the items of a tree that was saved');
    tally.add('trees saved and opened');
  }

  #user(): Float32Array {
    const { random } = this.#setting;
    return Float32Array.from({ length: DIM }, () => random.normal());
  }
}

function together(drawn: readonly [bigint, Int8Array][]): Int8Array {
  return Int8Array.from(drawn.flatMap(([, embedding]) => [...embedding]));
}
