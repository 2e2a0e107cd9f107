/** What this machine has of what some jobs need. */

import { spawnSync } from 'node:child_process';

import type { Tool } from './job.js';

const QUESTIONS: Readonly<Record<Tool, readonly string[]>> = {
  'compute-sanitizer': ['compute-sanitizer', '--version'],
  ncu: ['ncu', '--version'],
  'PyTorch with CUDA': ['python3', '-c', 'import torch; assert torch.cuda.is_available()'],
};

const known = new Map<Tool, boolean>();

export function has(tool: Tool): boolean {
  const answered = known.get(tool);
  if (answered !== undefined) return answered;
  const [program, ...words] = QUESTIONS[tool];
  const { status } = spawnSync(program!, words, { stdio: 'ignore', timeout: 60_000 });
  known.set(tool, status === 0);
  return status === 0;
}
