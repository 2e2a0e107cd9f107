/** What a job says while it runs, in a folder of its own: also if whoever runs it dies. */

import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Job, Outcome } from './job.js';
import { textOf } from './text-file.js';

/** Of what is only read by people, the end: the archive has to stay small. */
const MAX_CHARACTERS = 200_000;

/** Which job it is, as `started.json`. */
interface Started {
  readonly outcome: Outcome;
  /** Of processes; 0 where none was started. */
  readonly group: number;
  /** Of its first process, by the kernel's clock. */
  readonly since: string | undefined;
}

export class RunningJob {
  #printsText = true;

  constructor(readonly folder: string) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }

  /** `outcome`: what is to be said of it if nobody is left to say how it ended. */
  started(job: Job, group: number, outcome: Outcome): void {
    this.#printsText = job.prints === 'text';
    const started: Started = { outcome, group, since: startOf(group) };
    writeFileSync(join(this.folder, 'started.json'), JSON.stringify(started));
  }

  /** Standard output. */
  print(text: Buffer): void {
    appendFileSync(join(this.folder, 'output'), text);
  }

  /** Standard error. */
  log(text: Buffer): void {
    appendFileSync(join(this.folder, 'log'), text);
  }

  /** The end of what it said. */
  lastWords(lines: number): string {
    const said = ['output', 'log'].map((name) => textOf(join(this.folder, name))?.trimEnd() ?? '');
    return said
      .filter((text) => text !== '')
      .join('\n')
      .split('\n')
      .slice(-lines)
      .join('\n');
  }

  close(outcome: Outcome): void {
    if (this.#printsText) shorten(join(this.folder, 'output'));
    shorten(join(this.folder, 'log'));
    rmSync(join(this.folder, 'started.json'), { force: true });
    writeFileSync(join(this.folder, 'outcome.json'), `${JSON.stringify(outcome)}\n`);
  }
}

/**
 * Ends a job whose runner was killed, which would disturb what is measured next, and says what there is to
 * say of it. Undefined where there is none.
 */
export function leftBehind(folder: string): Outcome | undefined {
  const text = textOf(join(folder, 'started.json'));
  if (text === undefined) return undefined;
  const { outcome, group, since } = JSON.parse(text) as Started;
  const now = startOf(group);
  // Another process may have the number by now; without a first process it is the group's own still.
  if (group > 0 && (now === undefined || now === since)) {
    try {
      process.kill(-group, 'SIGKILL');
    } catch {
      // Nobody is left in it.
    }
  }
  rmSync(join(folder, 'started.json'));
  writeFileSync(join(folder, 'outcome.json'), `${JSON.stringify(outcome)}\n`);
  return outcome;
}

/** When a process started, in ticks since the system did; undefined where there is none. */
function startOf(id: number): string | undefined {
  const text = textOf(`/proc/${id}/stat`);
  // The name before it may hold anything, but ends with the last parenthesis.
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}

function shorten(path: string): void {
  const text = textOf(path);
  if (text === undefined || text.length <= MAX_CHARACTERS) return;
  writeFileSync(path, `...\n${text.slice(-MAX_CHARACTERS)}`);
}
