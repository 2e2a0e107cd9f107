/** Runs the jobs of a stage in the time that there is. */

import { spawn } from 'node:child_process';

import { type Ending, isAnswer, type Job, type Outcome, type Tool } from './job.js';
import type { ResultsFolder } from './results-folder.js';
import type { RunningJob } from './running-job.js';

/** From asking a job to end until it is made to, and until it is given up. */
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
 * commit, are not done again, those that failed or hung come last. For which there is no time is said, and
 * a later call does them.
 */
export async function runStage(stage: Stage, results: ResultsFolder): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const job of inOrder(stage, results)) {
    const before = results.outcome(job.name);
    if (before?.ending === 'passed' && before.commit === stage.commit && !job.gate) {
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

function inOrder({ jobs, commit }: Stage, results: ResultsFolder): Job[] {
  const rank = ({ name, gate }: Job): number => {
    const before = results.outcome(name);
    const failed = before && isAnswer(before) && before.ending !== 'passed';
    return gate ? 0 : failed && before.commit === commit ? 2 : 1;
  };
  return jobs.toSorted((a, b) => rank(a) - rank(b));
}

async function runJob(job: Job, stage: Stage, results: ResultsFolder): Promise<Outcome> {
  const { seed, commit } = stage;
  const running = results.begin();
  const begun = performance.now();
  const outcomeOf = ({ ending, reason }: Ended): Outcome => {
    const seconds = Math.round((performance.now() - begun) / 100) / 10;
    const date = new Date().toISOString();
    return { job: job.name, ending, seconds, seed, commit, date, ...(reason && { reason }) };
  };
  const killed = outcomeOf({ ending: 'hung', reason: 'its runner was killed' });
  const outcome = outcomeOf(await endingOf(job, stage, running, killed));
  const { ending, reason, seconds } = outcome;
  if (ending === 'failed' || ending === 'hung') {
    stage.print(`${running.lastWords(SHOWN_LINES)}\n`);
  }
  stage.print(`   ${job.name}: ${ending}${reason ? `, ${reason}` : ''} (${seconds} s)\n`);
  results.end(running, outcome);
  return outcome;
}

interface Ended {
  readonly ending: Ending;
  readonly reason?: string;
}

async function endingOf(
  job: Job,
  stage: Stage,
  running: RunningJob,
  killed: Outcome,
): Promise<Ended> {
  if (stage.over.aborted) return { ending: 'no time' };
  if (job.needs && !stage.has(job.needs)) {
    return { ending: 'left out', reason: `there is no ${job.needs}` };
  }
  stage.print(`== ${job.name}\n`);
  const [program, ...words] = job.command;
  // A process group of its own, which ends as a whole.
  const child = spawn(program!, words, {
    env: { ...process.env, ...job.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  running.started(job, child.pid ?? 0, killed);
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
  const kill = () => signal('SIGKILL');
  process.once('exit', kill);
  const timers: NodeJS.Timeout[] = [];
  const after = (milliseconds: number, what: () => void) =>
    timers.push(setTimeout(what, milliseconds));
  let stop = (_: Ending): void => {};
  const stopLate = () => stop('no time');
  stage.over.addEventListener('abort', stopLate);
  try {
    return await new Promise((resolve) => {
      let stopped: Ending | undefined;
      stop = (ending) => {
        stopped ??= ending;
        signal('SIGTERM');
        after(GRACE_MS, kill);
        // One that waits for a driver which does not answer cannot be killed.
        after(2 * GRACE_MS, () => resolve({ ending: 'hung', reason: 'it cannot be killed' }));
      };
      after(1000 * job.most, () => stop('hung'));
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
  }
}
