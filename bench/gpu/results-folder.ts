/**
 * What is known of one GPU, in a folder and in an archive of it:
 *
 *   about.json            the GPU, the machine and the build
 *   jobs/NAME/            outcome.json, output, log
 *
 * A job's folder appears whole, by a rename, once the job has ended, and so does the archive. However
 * the process dies, the archive holds every job that had ended before, and a later one goes on from it.
 */

import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import type { Outcome } from './job.js';

/** Of what a job says beside its output, the end: the archive has to stay small. */
const MOST_LOG_CHARACTERS = 200_000;

export class ResultsFolder {
  readonly #folder: string;
  readonly #archive: string;

  /** `archive`: a .tar.gz, renewed after every job. What it holds already is taken over. */
  constructor(folder: string, archive: string) {
    this.#folder = folder;
    this.#archive = archive;
    mkdirSync(join(folder, 'jobs'), { recursive: true });
    mkdirSync(dirname(archive), { recursive: true });
    this.takeOver(archive);
  }

  /** Takes from an archive, if it is there, what is not known better here. */
  takeOver(archive: string): void {
    if (!existsSync(archive)) return;
    const from = `${this.#folder}.taken`;
    rmSync(from, { recursive: true, force: true });
    mkdirSync(from, { recursive: true });
    execFileSync('tar', ['-xzf', archive, '-C', from]);
    const about = join(from, 'about.json');
    if (this.about === undefined && existsSync(about)) {
      renameSync(about, join(this.#folder, 'about.json'));
    }
    for (const outcome of outcomesIn(from)) {
      const { job } = outcome;
      if (isBetter(outcome, this.outcome(job))) this.#put(join(from, 'jobs', job), job);
    }
    rmSync(from, { recursive: true, force: true });
  }

  /** In the order in which they ended. */
  get outcomes(): Outcome[] {
    return outcomesIn(this.#folder);
  }

  outcome(job: string): Outcome | undefined {
    const text = textOf(join(this.#of(job), 'outcome.json'));
    return text === undefined ? undefined : (JSON.parse(text) as Outcome);
  }

  /** What a job printed. */
  output(job: string): string | undefined {
    return textOf(join(this.#of(job), 'output'));
  }

  /** For a job that starts now. */
  begin(): RunningJob {
    return new RunningJob(join(this.#folder, 'running'));
  }

  end(running: RunningJob, outcome: Outcome): void {
    running.close(outcome);
    this.#put(running.folder, outcome.job);
    this.archive();
  }

  /** What `describe` was told last. */
  get about(): unknown {
    const text = textOf(join(this.#folder, 'about.json'));
    return text === undefined ? undefined : JSON.parse(text);
  }

  describe(about: object): void {
    const path = join(this.#folder, 'about.json');
    writeFileSync(`${path}.part`, `${JSON.stringify(about, undefined, 2)}\n`);
    renameSync(`${path}.part`, path);
  }

  archive(): void {
    const part = `${this.#archive}.part`;
    const kept = ['about.json', 'jobs'].filter((name) => existsSync(join(this.#folder, name)));
    execFileSync('tar', ['-czf', part, '-C', this.#folder, ...kept]);
    renameSync(part, this.#archive);
  }

  /** What stood there before is in the archive until the next one is written. */
  #put(finished: string, job: string): void {
    rmSync(this.#of(job), { recursive: true, force: true });
    renameSync(finished, this.#of(job));
  }

  #of(job: string): string {
    return join(this.#folder, 'jobs', job);
  }
}

export class RunningJob {
  constructor(readonly folder: string) {
    endLeftOver(textOf(join(folder, 'group')));
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
  }

  /** `group`: of processes, in which the job runs. */
  started(group: number): void {
    writeFileSync(join(this.folder, 'group'), `${group} ${commandOf(group)}`);
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
    rmSync(join(this.folder, 'group'), { force: true });
    const log = textOf(join(this.folder, 'log'));
    if (log !== undefined && log.length > MOST_LOG_CHARACTERS) {
      writeFileSync(join(this.folder, 'log'), `...\n${log.slice(-MOST_LOG_CHARACTERS)}`);
    }
    writeFileSync(join(this.folder, 'outcome.json'), `${JSON.stringify(outcome)}\n`);
  }
}

/** What passed says more than what did not, and what is later more than what is earlier. */
function isBetter(one: Outcome, other: Outcome | undefined): boolean {
  if (other === undefined) return true;
  const [passed, otherPassed] = [one, other].map(({ ending }) => ending === 'passed');
  return passed === otherPassed ? one.date > other.date : passed === true;
}

function outcomesIn(folder: string): Outcome[] {
  const jobs = join(folder, 'jobs');
  if (!existsSync(jobs)) return [];
  return readdirSync(jobs)
    .map((name) => textOf(join(jobs, name, 'outcome.json')))
    .filter((text) => text !== undefined)
    .map((text) => JSON.parse(text) as Outcome)
    .toSorted((a, b) => a.date.localeCompare(b.date));
}

/** A job whose runner was killed may go on by itself, and would disturb what is measured next. */
function endLeftOver(left: string | undefined): void {
  const [group, ...command] = left?.split(' ') ?? [];
  if (group === undefined || command.length === 0 || commandOf(Number(group)) !== command.join(' '))
    return;
  try {
    process.kill(-Number(group), 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/** Empty where there is no such process. */
const commandOf = (id: number): string =>
  textOf(`/proc/${id}/cmdline`)?.replaceAll('\0', ' ').trim() ?? '';

function textOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
