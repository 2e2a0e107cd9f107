/** Runs the jobs of a stage in the time that there is. */

import { spawn } from 'node:child_process';

import type { Ending, Job, Outcome, Tool } from './job.js';
import type { ResultsFolder, RunningJob } from './results-folder.js';

/** From asking a job to end until it is made to. */
const GRACE_MS = 5000;
const SHOWN_LINES = 30;

export interface Stage {
  readonly jobs: readonly Job[];
  /** Ends it. */
  readonly over: AbortSignal;
  readonly seed: string;
  readonly commit: string;
  readonly has: (tool: Tool) => boolean;
  /** Goes on where a job failed that the others depend on. */
  readonly anyway?: boolean;
  readonly print: (text: string) => void;
}

/**
 * Each job ends in the results as soon as it is over. Those that passed before, in a build of the same
 * commit, are not done again; for which there is no time is said, and a later call does them.
 */
export async function runStage(stage: Stage, results: ResultsFolder): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const job of stage.jobs) {
    const before = results.outcome(job.name);
    if (before?.ending === 'passed' && before.commit === stage.commit) {
      stage.print(`   ${job.name}: passed before\n`);
      outcomes.push(before);
      continue;
    }
    const outcome = await runJob(job, stage, results);
    outcomes.push(outcome);
    if (job.gate && outcome.ending !== 'passed' && !stage.anyway) break;
  }
  return outcomes;
}

async function runJob(job: Job, stage: Stage, results: ResultsFolder): Promise<Outcome> {
  const { seed, commit } = stage;
  const running = results.begin();
  const begun = performance.now();
  const { ending, reason } = await endingOf(job, stage, running);
  const seconds = Math.round((performance.now() - begun) / 100) / 10;
  const date = new Date().toISOString();
  if (ending === 'failed' || ending === 'hung') {
    stage.print(`${running.lastWords(SHOWN_LINES)}\n`);
  }
  stage.print(`   ${job.name}: ${ending}${reason ? `, ${reason}` : ''} (${seconds} s)\n`);
  const outcome = { job: job.name, ending, seconds, seed, commit, date, ...(reason && { reason }) };
  results.end(running, outcome);
  return outcome;
}

interface Ended {
  readonly ending: Ending;
  readonly reason?: string;
}

async function endingOf(job: Job, stage: Stage, running: RunningJob): Promise<Ended> {
  if (job.needs && !stage.has(job.needs)) {
    return { ending: 'left out', reason: `there is no ${job.needs}` };
  }
  if (stage.over.aborted) return { ending: 'no time' };
  stage.print(`== ${job.name}\n`);
  const [program, ...words] = job.command;
  // A process group of its own, which ends as a whole.
  const child = spawn(program!, words, {
    env: { ...process.env, ...job.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  if (child.pid !== undefined) running.started(child.pid);
  child.stdout.on('data', (text: Buffer) => {
    running.print(text);
    if (job.prints === 'lines') stage.print(text.toString());
  });
  child.stderr.on('data', (text: Buffer) => running.log(text));
  const signal = (name: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    } catch {
      // It has ended.
    }
  };
  const timers: NodeJS.Timeout[] = [];
  const after = (milliseconds: number, what: () => void) =>
    timers.push(setTimeout(what, milliseconds));
  let stopped: Ending | undefined;
  const stop = (ending: Ending) => {
    stopped ??= ending;
    signal('SIGTERM');
    after(GRACE_MS, () => signal('SIGKILL'));
  };
  const stopLate = () => stop('no time');
  const kill = () => signal('SIGKILL');
  stage.over.addEventListener('abort', stopLate);
  process.once('exit', kill);
  after(1000 * job.most, () => stop('hung'));
  try {
    return await new Promise((resolve) => {
      child.on('error', ({ message }) => resolve({ ending: 'failed', reason: message }));
      child.on('exit', kill); // what it left behind, which may hold its output open
      child.on('close', (code, by) => {
        if (stopped) resolve({ ending: stopped });
        else if (code === 0) resolve({ ending: 'passed' });
        else resolve({ ending: 'failed', reason: by ? `by ${by}` : `status ${code}` });
      });
    });
  } finally {
    stage.over.removeEventListener('abort', stopLate);
    process.off('exit', kill);
    for (const timer of timers) clearTimeout(timer);
    kill();
  }
}
