/** A progress bar on stderr, where a person looks at it. */

import { SingleBar } from 'cli-progress';

export class Progress {
  #bar: SingleBar | undefined;

  /** Begins a stretch of work of `total` steps, ending the one before it. */
  start(what: string, total: number): void {
    this.stop();
    if (!process.stderr.isTTY || total === 0) return;
    this.#bar = new SingleBar({
      format: `{bar} {percentage}% ${what}`,
      barsize: 30,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      clearOnComplete: true,
      hideCursor: true,
      stream: process.stderr,
    });
    this.#bar.start(total, 0);
  }

  step(steps = 1): void {
    this.#bar?.increment(steps);
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}
