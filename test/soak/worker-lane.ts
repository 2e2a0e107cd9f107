/** Workers that come, search and go: by themselves, or ended in the middle of it. */
import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Lane, type LaneSetting, require } from './lane.js';

const WORKER = join(__dirname, 'soak-worker.mjs');

export class WorkerLane implements Lane {
  readonly name = 'workers';
  readonly #setting: LaneSetting;

  constructor(setting: LaneSetting) {
    this.#setting = setting;
  }

  async step(): Promise<void> {
    const { random, tally } = this.#setting;
    // Without what this process was started with: a worker runs plain JavaScript.
    const worker = new Worker(WORKER, { workerData: random.integer(1, 1e6), execArgv: [] });
    const exit = once(worker, 'exit');
    const failure = once(worker, 'error').then(([error]) => Promise.reject(error));
    failure.catch(() => undefined);
    const messages = random.integer(1, 4);
    for (let message = 0; message < messages; ++message) {
      const [same] = (await Promise.race([once(worker, 'message'), failure])) as [boolean];
      require(same, 'an answer of a worker');
    }
    if (random.chance(0.5)) worker.postMessage('leave');
    else await worker.terminate();
    await exit;
    tally.add('workers');
  }

  async close(): Promise<void> {}
}
