// Runs test files of a copy of the repository against one mutant after another, in a process that is ended and
// started anew where a mutant does not come to an end.
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));

export class Runner {
  #root;
  #env;
  #state;
  #session;
  #paths;

  /** Of the tests under `root`, with a file in `scratch` and these environment variables besides. */
  constructor(root, scratch, env = {}) {
    this.#root = root;
    this.#state = join(scratch, `state-${process.pid}.json`);
    this.#env = env;
  }

  /** The test files that there are. */
  async paths() {
    await this.#started();
    return this.#paths;
  }

  /** What failed, undefined if nothing did; `timedOut` if the limit passed. */
  async run(path, state, limitMs, project) {
    await this.#started();
    writeFileSync(this.#state, JSON.stringify(state));
    const session = this.#session;
    const answer = new Promise((resolve) => {
      session.removeAllListeners('message').once('message', resolve);
      session.removeAllListeners('exit').once('exit', () => resolve({ failure: 'it crashed' }));
    });
    session.send({ path, project });
    let timer;
    const limit = new Promise((resolve) => {
      timer = setTimeout(() => resolve({ timedOut: true, elapsedMs: limitMs }), limitMs);
    });
    const outcome = await Promise.race([answer, limit]);
    clearTimeout(timer);
    if (outcome.timedOut || session.exitCode !== null) await this.close();
    return outcome;
  }

  /** With everything it started: it leads a process group of its own. */
  async close() {
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined || session.exitCode !== null || session.signalCode !== null) return;
    const ended = new Promise((resolve) => session.once('exit', resolve));
    process.kill(-session.pid, 'SIGKILL');
    await ended;
  }

  async #started() {
    if (this.#session !== undefined) return;
    writeFileSync(this.#state, '{}');
    const preload = JSON.stringify(here('preload.cjs'));
    const session = fork(here('session.mjs'), {
      cwd: this.#root,
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {
        ...process.env,
        ...this.#env,
        KLEIO_SEED: '1',
        KLEIO_TEST_SCALE: process.env.KLEIO_TEST_SCALE ?? '0.2',
        KLEIO_MUTATION_STATE: this.#state,
        NODE_OPTIONS: `--require ${preload}`,
      },
    });
    this.#session = session;
    const { paths } = await new Promise((resolve, reject) => {
      session.once('message', resolve);
      session.once('exit', () => reject(new Error('Vitest does not start')));
    });
    this.#paths = paths;
  }
}
