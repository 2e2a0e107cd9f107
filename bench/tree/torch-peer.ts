/** bench/peers/tree_torch.py in a process of its own: one line asks, one line answers. */

import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';

export interface TorchFiles {
  readonly tree: string;
  readonly weights: string;
  readonly history: string;
}

export interface TorchAnswer {
  /** Milliseconds, `total` among them. */
  readonly stages: Record<string, number>;
  readonly items: readonly number[];
}

const SCRIPT = join(__dirname, '..', 'peers', 'tree_torch.py');
/** Debian's python3-torch belongs to Debian's Python. */
const PYTHON = process.env.KLEIO_BENCH_PYTHON ?? '/usr/bin/python3';

export class TorchPeer {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcess, lines: Interface) {
    this.#child = child;
    this.#lines = lines[Symbol.asyncIterator]();
  }

  static async start(
    { tree, weights, history }: TorchFiles,
    beam: number,
    threads: number,
  ): Promise<TorchPeer | { absent: string }> {
    const words = [SCRIPT, tree, weights, history, String(beam), String(threads)];
    const env = { ...process.env, OMP_NUM_THREADS: String(threads) };
    const child = spawn(PYTHON, words, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    const failed = new Promise<string>((resolve) => {
      child.on('error', ({ message }) => resolve(message));
      child.on('exit', (code) => resolve(`${PYTHON} ended with ${code}`));
    });
    const peer = new TorchPeer(child, createInterface({ input: child.stdout }));
    const first = await Promise.race([peer.#lines.next(), failed]);
    if (typeof first === 'string') return { absent: first };
    return first.value === 'ready' ? peer : { absent: `it said ${first.value}` };
  }

  async search(): Promise<TorchAnswer> {
    this.#child.stdin!.write('search\n');
    const { value } = await this.#lines.next();
    return JSON.parse(value) as TorchAnswer;
  }

  stop(): void {
    this.#child.stdin!.end();
  }
}
