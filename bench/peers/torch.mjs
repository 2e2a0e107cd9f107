// PyTorch: matmul then topk, on the GPU where it sees one. It answers from a process of its own, which
// measures its time itself: what the pipe costs does not count. PYTHON names another interpreter.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PYTHON = process.env.PYTHON ?? 'python3';
const PROGRAM = fileURLToPath(new URL('torch_search.py', import.meta.url));

const { status, stdout, stderr, error } = spawnSync(
  PYTHON,
  ['-c', 'import torch, numpy; print(torch.cuda.is_available())'],
  { encoding: 'utf8' },
);
if (error) throw error;
if (status !== 0) throw new Error(stderr.trim().split('\n').at(-1));
const onGpu = stdout.trim() === 'True';

export default [
  {
    name: `PyTorch${onGpu ? ', GPU' : ''}`,
    package: null,
    open: (asked) => open(asked, 'float32'),
  },
  // Rounded scores: on a CPU without matrix instructions for it, nobody would ask for this.
  ...(onGpu
    ? [
        {
          name: 'PyTorch bfloat16, GPU',
          package: null,
          approximate: true,
          roundedScores: true,
          open: (asked) => open(asked, 'bfloat16'),
        },
      ]
    : []),
];

async function open({ history, dim, k, threads }, dtype) {
  const folder = mkdtempSync(join(tmpdir(), 'kleio-torch-'));
  const file = join(folder, 'history.f32');
  writeFileSync(file, bytesOf(history));
  const words = [PROGRAM, file, ...[dim, k, threads].map(String), dtype];
  const child = spawn(PYTHON, words, { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = new Answers(child);
  await answers.line();
  rmSync(folder, { recursive: true });
  return {
    async search(targets) {
      const places = (targets.length / dim) * k;
      child.stdin.write(`${targets.length / dim}\n`);
      child.stdin.write(bytesOf(targets));
      const elapsedMs = Number(await answers.line());
      const positions = new BigInt64Array(await answers.bytes(places * 8));
      const scores = new Float32Array(await answers.bytes(places * 4));
      return { positions, scores, elapsedMs };
    },
    close: () => child.stdin.end(),
  };
}

const bytesOf = (values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);

/** Lines and bytes of a child's standard output, in order. */
class Answers {
  #received = Buffer.alloc(0);
  #wake = () => {};
  #ended = false;

  constructor(child) {
    child.stdout.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    child.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  async line() {
    for (;;) {
      const end = this.#received.indexOf(10);
      if (end >= 0) return Buffer.from(await this.bytes(end + 1)).toString('utf8', 0, end);
      await this.#more();
    }
  }

  /** An ArrayBuffer of its own, aligned for any element. */
  async bytes(length) {
    while (this.#received.length < length) await this.#more();
    const taken = Uint8Array.from(this.#received.subarray(0, length));
    this.#received = this.#received.subarray(length);
    return taken.buffer;
  }

  #more() {
    if (this.#ended) throw new Error('PyTorch ended');
    return new Promise((wake) => {
      this.#wake = wake;
    });
  }
}
