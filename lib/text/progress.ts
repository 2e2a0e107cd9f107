/** A progress bar on stderr, where a person looks at it. */

import { SingleBar } from 'cli-progress';

import { whole } from './text-table.js';

export class Progress {
  #bar: SingleBar | undefined;
  #done = 0;
  #started = 0;

  /** Begins a stretch of work of `total` steps, ending the one before it. */
  start(what: string, total: number): void {
    this.stop();
    if (!process.stderr.isTTY || total === 0) return;
    this.#bar = new SingleBar({
      format: `{bar} {percentage}% ${what}, {rate}/s, {eta_formatted} left`,
      barsize: 30,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      clearOnComplete: true,
      hideCursor: true,
      stream: process.stderr,
    });
    this.#done = 0;
    this.#started = performance.now();
    this.#bar.start(total, 0, { rate: '-' });
  }

  step(steps = 1): void {
    if (this.#bar === undefined) return;
    this.#done += steps;
    const elapsedSeconds = (performance.now() - this.#started) / 1000;
    const rate = whole(Math.round(this.#done / elapsedSeconds));
    this.#bar.update(this.#done, { rate });
  }

  stop(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}
