/** Users with histories: they append, ask, change their minds and go. */
import { EmbeddingTable, History, type Kept, searchMany, topK } from 'kleio';
import { type Behaviour, type Matrix, searchEmbeddings, vectorAt } from '../oracle/search.js';
import {
  type Lane,
  type LaneSetting,
  persistently,
  require,
  requireEqual,
  requireRefusal,
} from './lane.js';

const ROWS = 1500;
const DIM = 24;
const USERS = 30;
const MAX_APPEND = 400;
const MAX_CAPACITY = 10_000;
const AT_ONCE = 50;
/** Of the answers that the definition checks. */
const CHECKED = 0.05;

interface User {
  readonly history: History;
  readonly capacity: number;
  /** As the history should be. */
  readonly behaviours: Behaviour[];
}

/** Undefined: not looked at. */
type Expected = Pick<Kept, 'positions' | 'scores'> | undefined;

interface Asked {
  readonly user: User;
  readonly rows: Int32Array;
  readonly k: number;
  readonly since: number | undefined;
  readonly distinct: boolean;
}

export class HistoryLane implements Lane {
  readonly name = 'histories';
  readonly #setting: LaneSetting;
  readonly #table: EmbeddingTable;
  readonly #values: Int8Array;
  readonly #matrix: Matrix;
  readonly #users: User[] = [];
  #clock = 0;

  constructor(setting: LaneSetting) {
    this.#setting = setting;
    const { random } = setting;
    // A small range, so that many scores tie.
    this.#values = Int8Array.from({ length: ROWS * DIM }, () => random.integer(-3, 3));
    this.#table = EmbeddingTable.from(this.#values, { dim: DIM });
    this.#matrix = { numbers: Float64Array.from(this.#values), dim: DIM };
  }

  async step(): Promise<void> {
    const { random, tally } = this.#setting;
    const user = this.#someUser();
    this.#append(user);
    const works = [
      () => this.#searchSync(user),
      () => this.#searchAtOnce(),
      () => this.#searchMany(),
      () => this.#abort(user),
      () => this.#misuse(user),
      () => this.#leave(user),
      () => this.#searchTyped(),
    ];
    await random.pick(works)();
    tally.add('steps of histories');
  }

  async close(): Promise<void> {
    for (const { history } of this.#users.splice(0)) history.close();
    this.#table.close();
  }

  #someUser(): User {
    const { random } = this.#setting;
    if (this.#users.length < USERS && random.chance(0.3)) {
      const capacity = random.integer(1, MAX_CAPACITY);
      const history = new History(this.#table, { capacity });
      this.#users.push({ history, capacity, behaviours: [] });
    }
    if (this.#users.length === 0) return this.#someUser();
    return random.pick(this.#users);
  }

  #append({ history, capacity, behaviours }: User): void {
    const { random } = this.#setting;
    const rows = Int32Array.from({ length: random.integer(0, MAX_APPEND) }, () =>
      random.integer(-1, ROWS - 1),
    );
    const times = Float64Array.from(rows, () => this.#clock++);
    history.append(rows, { times });
    for (const [i, row] of rows.entries()) behaviours.push({ row, time: times[i] as number });
    behaviours.splice(0, Math.max(0, behaviours.length - capacity));
    require(history.length === behaviours.length, 'the length of a history');
  }

  #question(user: User): Asked {
    const { random } = this.#setting;
    const rows = Int32Array.from({ length: random.integer(1, 3) }, () =>
      random.integer(-1, ROWS - 1),
    );
    const since = random.chance(0.2) ? this.#clock - random.integer(0, 5000) : undefined;
    return { user, rows, k: random.integer(1, 30), since, distinct: random.chance(0.2) };
  }

  /** What the definition says now, for a part of the questions. */
  #expected({ user, rows, ...query }: Asked): Expected {
    const { random, tally } = this.#setting;
    if (!random.chance(CHECKED)) return undefined;
    tally.add('searches checked by the definition');
    const targets = Array.from(rows, (row) => (row < 0 ? undefined : vectorAt(this.#matrix, row)));
    const { k, since, distinct } = query;
    const asked = { k, distinct, ...(since !== undefined && { since }) };
    return searchEmbeddings(this.#matrix, user.behaviours, targets, asked);
  }

  #check(kept: Kept, expected: Expected): void {
    this.#setting.tally.add('searches');
    if (expected === undefined) return;
    requireEqual(kept.positions, expected.positions, 'positions');
    requireEqual(kept.scores, expected.scores, 'scores');
  }

  async #searchSync(user: User): Promise<void> {
    const asked = this.#question(user);
    const { rows, k, since, distinct } = asked;
    const expected = this.#expected(asked);
    this.#check(user.history.searchSync(rows, { k, since, distinct }), expected);
  }

  /** More than the queue holds, while the histories grow. */
  async #searchAtOnce(): Promise<void> {
    const { random, tally } = this.#setting;
    const ask = async () => {
      const user = random.pick(this.#users);
      const asked = this.#question(user);
      const { rows, k, since, distinct } = asked;
      let expected: Expected;
      const kept = await persistently(tally, () => {
        // Of the moment of the call: others append meanwhile.
        expected = this.#expected(asked);
        return user.history.search(rows, { k, since, distinct });
      });
      this.#check(kept, expected);
    };
    const asking = Array.from({ length: AT_ONCE }, ask);
    for (const user of this.#users) this.#append(user);
    await Promise.all(asking);
  }

  async #searchMany(): Promise<void> {
    const { random, tally } = this.#setting;
    const all = Array.from({ length: 5 }, () => this.#question(random.pick(this.#users)));
    let expected: Expected[] = [];
    const kept = await persistently(tally, () => {
      expected = all.map((asked) => this.#expected(asked));
      return searchMany(
        all.map(({ user, rows, ...query }) => ({ history: user.history, targets: rows, ...query })),
      );
    });
    for (const [i, answer] of kept.entries()) this.#check(answer, expected[i]);
  }

  async #abort({ history }: User): Promise<void> {
    const { random, tally } = this.#setting;
    const controller = new AbortController();
    const { signal } = controller;
    const asking = Array.from({ length: 10 }, () =>
      history.search(Int32Array.of(random.integer(0, ROWS - 1)), { k: 5, signal }),
    );
    controller.abort('enough');
    for (const { status, reason } of (await Promise.allSettled(
      asking,
    )) as PromiseRejectedResult[]) {
      const refused = reason?.code === 'ERR_KLEIO_QUEUE_FULL';
      require(status === 'rejected' && (refused || reason === 'enough'), 'an abort');
    }
    tally.add('aborts', asking.length);
  }

  async #misuse({ history }: User): Promise<void> {
    const before = history.length;
    if (before === 0) return; // whether it has times is open yet
    const times = Float64Array.of(0, 0);
    await requireRefusal('ERR_KLEIO_RANGE', () =>
      history.append(Int32Array.of(0, ROWS), { times }),
    );
    await requireRefusal('ERR_KLEIO_SHAPE', () => history.append(Int32Array.of(0)));
    await requireRefusal('ERR_KLEIO_RANGE', () => history.search(Int32Array.of(0), { k: 0 }));
    require(history.length === before, 'a refused append');
    this.#setting.tally.add('refusals', 3);
  }

  /** In the middle of a search, which completes. */
  async #leave(user: User): Promise<void> {
    const { tally } = this.#setting;
    const last = user.history.search(Int32Array.of(0), { k: 5 });
    const settled = last.catch(({ code }) => require(code === 'ERR_KLEIO_QUEUE_FULL', code));
    user.history.close();
    this.#users.splice(this.#users.indexOf(user), 1);
    await settled;
    await requireRefusal('ERR_KLEIO_CLOSED', () => user.history.append(Int32Array.of(0)));
    tally.add('histories closed');
  }

  async #searchTyped(): Promise<void> {
    const { random, tally } = this.#setting;
    const first = random.integer(0, ROWS - 500);
    const history = this.#values.subarray(first * DIM, (first + 500) * DIM);
    const found = topK(this.#values.subarray(0, DIM), history, { dim: DIM, k: 10 });
    const behaviours = Array.from({ length: 500 }, (_, i) => ({ row: first + i }));
    const target = vectorAt(this.#matrix, 0);
    const expected = searchEmbeddings(this.#matrix, behaviours, [target], { k: 10 });
    requireEqual(found.positions, expected.positions, 'positions of topK');
    tally.add('searches without state');
  }
}
