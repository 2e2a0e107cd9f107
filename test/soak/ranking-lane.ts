/** A ranker that is opened again and again, and asked alone, together and at once. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ranker, type Ranking } from 'kleio';
import { drawModel, type ModelShape } from '../cases/muse-models.js';
import { candidatesOf, type DrawnRequest, drawRequest } from '../cases/muse-requests.js';
import { safetensorsOf } from '../cases/tensor-files.js';
import { Muse } from '../oracle/muse.js';
import { museWeightsOf } from '../oracle/muse-weights.js';
import { type Lane, type LaneSetting, persistently, require, requireEqual } from './lane.js';

const SHAPE: ModelShape = {
  ...{ embeddingDim: 8, keepTop: 20, shortSteps: 16, heads: [[8, 8]] },
  ...{ userWidths: [4, 4, 4, 4, 4, 4], hidden: [32, 16], tierWidth: 0.1, spareTiers: [0, 0] },
  ...{ attentionScale: 1, similarityDim: 32, similarityDtype: 'int8', items: 300, categories: 12 },
};
/** What the package promises. */
const TOLERANCE = 2e-6;
const REQUESTS = 40;
const REOPENED = 0.1;
const CHECKED = 0.2;

export class RankingLane implements Lane {
  readonly name = 'rankings';
  readonly #setting: LaneSetting;
  readonly #path: string;
  readonly #oracle: Muse;
  readonly #requests: readonly DrawnRequest[];
  #ranker: Ranker | undefined;

  constructor(setting: LaneSetting) {
    this.#setting = setting;
    const { random, folder } = setting;
    const model = drawModel(SHAPE, random);
    const { metadata } = model;
    this.#path = join(folder, 'model.safetensors');
    writeFileSync(this.#path, safetensorsOf(model.tensors, metadata));
    this.#oracle = new Muse(
      museWeightsOf({ tensors: new Map(Object.entries(model.tensors)), metadata }),
    );
    this.#requests = Array.from({ length: REQUESTS }, () =>
      drawRequest(
        model,
        {
          ...{ length: random.integer(0, 300), candidates: random.integer(1, 20), k: undefined },
          ...{ unit: random.pick(['cosine', 'category', 'none']), emptyPlaces: 'release' },
        },
        random,
      ),
    );
  }

  async step(): Promise<void> {
    const { random, tally } = this.#setting;
    if (this.#ranker === undefined || random.chance(REOPENED)) {
      this.#ranker?.close();
      this.#ranker = await persistently(tally, () => Ranker.open(this.#path));
      tally.add('rankers opened');
    }
    const ranker = this.#ranker;
    const drawn = Array.from({ length: 4 }, () => random.pick(this.#requests));
    const requests = await Promise.all(drawn.map((request) => this.#inWords(ranker, request)));
    const rankings = await random.pick([
      async () => requests.map((request) => ranker.rankSync(request)),
      () => persistently(tally, () => ranker.rankMany(requests)),
      () => Promise.all(requests.map((request) => persistently(tally, () => ranker.rank(request)))),
    ])();
    for (const [i, ranking] of rankings.entries()) this.#check(ranking, drawn[i]!);
    for (const { history } of requests) history.close();
    tally.add('rankings', rankings.length);
  }

  async close(): Promise<void> {
    this.#ranker?.close();
    this.#ranker = undefined;
  }

  /** With a history that is built on the pool. */
  async #inWords(ranker: Ranker, { items, categories, user, candidates, unit }: DrawnRequest) {
    const { tally } = this.#setting;
    const history = await persistently(tally, () =>
      ranker.buildHistory(BigInt64Array.from(items), {
        categories: BigInt64Array.from(categories),
      }),
    );
    return {
      history,
      user: BigInt64Array.from(user),
      candidates: candidatesOf(candidates),
      lifelong: unit,
    };
  }

  #check({ kept, probabilities }: Ranking, request: DrawnRequest): void {
    const { random, tally } = this.#setting;
    if (!random.chance(CHECKED)) return;
    const answers = request.candidates.map((candidate) => this.#oracle.rank(request, candidate));
    const positions = answers.flatMap((answer) => answer.positions);
    requireEqual(kept.positions, positions, 'kept positions');
    answers.forEach(({ probabilityRange: [least, largest] }, i) => {
      const found = probabilities[i]!;
      require(found >= least - TOLERANCE && found <= largest + TOLERANCE, 'a probability');
    });
    tally.add('rankings checked by the definition');
  }
}
