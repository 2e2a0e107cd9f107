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
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { isAnswer, type Outcome } from './job.js';
import { leftBehind, RunningJob } from './running-job.js';
import { textOf } from './text-file.js';

export class ResultsFolder {
  readonly #folder: string;
  readonly #archive: string;

  /** `archive`: a .tar.gz, renewed after every job. What it holds already is taken over. */
  constructor(folder: string, archive: string) {
    this.#folder = folder;
    this.#archive = archive;
    mkdirSync(join(folder, 'jobs'), { recursive: true });
    mkdirSync(dirname(archive), { recursive: true });
    if (existsSync(archive)) this.takeOver(archive);
    const left = leftBehind(this.#running);
    if (left !== undefined) this.#keep(this.#running, left);
  }

  /** Takes from an archive what is not known better here. Throws where it cannot be read. */
  takeOver(archive: string): void {
    const from = join(this.#folder, 'taken');
    rmSync(from, { recursive: true, force: true });
    mkdirSync(from, { recursive: true });
    execFileSync('tar', ['-xzf', archive, '-C', from], { stdio: 'pipe' });
    const about = join(from, 'about.json');
    if (this.about === undefined && existsSync(about)) {
      renameSync(about, join(this.#folder, 'about.json'));
    }
    for (const outcome of outcomesIn(from)) this.#keep(join(from, 'jobs', outcome.job), outcome);
    rmSync(from, { recursive: true, force: true });
  }

  /** In the order in which they ended. */
  get outcomes(): Outcome[] {
    return outcomesIn(this.#folder);
  }

  outcome(job: string): Outcome | undefined {
    return outcomeIn(this.#of(job));
  }

  /** What a job printed. */
  output(job: string): string | undefined {
    return textOf(join(this.#of(job), 'output'));
  }

  /** For a job that starts now. */
  begin(): RunningJob {
    return new RunningJob(this.#running);
  }

  end(running: RunningJob, outcome: Outcome): void {
    running.close(outcome);
    this.#keep(running.folder, outcome);
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

  /** Puts a job's folder where it belongs, unless more is known there. */
  #keep(folder: string, outcome: Outcome): void {
    if (!saysMore(outcome, this.outcome(outcome.job))) return;
    // What stood there before is in the archive until the next one is written.
    rmSync(this.#of(outcome.job), { recursive: true, force: true });
    renameSync(folder, this.#of(outcome.job));
  }

  get #running(): string {
    return join(this.#folder, 'running');
  }

  #of(job: string): string {
    return join(this.#folder, 'jobs', job);
  }
}

/**
 * An answer says more than none, of one build that it passed more than that it did not, and otherwise what
 * is later more than what is earlier.
 */
function saysMore(one: Outcome, other: Outcome | undefined): boolean {
  if (other === undefined) return true;
  if (isAnswer(one) !== isAnswer(other)) return isAnswer(one);
  const passes = one.ending === 'passed';
  if (one.commit === other.commit && passes !== (other.ending === 'passed')) return passes;
  return one.date >= other.date;
}

function outcomesIn(folder: string): Outcome[] {
  const jobs = join(folder, 'jobs');
  if (!existsSync(jobs)) return [];
  return readdirSync(jobs)
    .map((name) => outcomeIn(join(jobs, name)))
    .filter((outcome) => outcome !== undefined)
    .toSorted((a, b) => a.date.localeCompare(b.date));
}

function outcomeIn(folder: string): Outcome | undefined {
  const text = textOf(join(folder, 'outcome.json'));
  return text === undefined ? undefined : (JSON.parse(text) as Outcome);
}
