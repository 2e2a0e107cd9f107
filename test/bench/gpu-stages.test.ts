/** `bench/gpu.sh`: what is known when a stage dies, and how the next call goes on. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Job, Outcome } from '../../bench/gpu/job.js';
import { ResultsFolder } from '../../bench/gpu/results-folder.js';
import { runStage, type Stage } from '../../bench/gpu/run-stage.js';
import { jobsOf, STAGES } from '../../bench/gpu/stages.js';

const root = resolve(__dirname, '..', '..');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kleio-gpu-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const archivePath = () => join(folder, 'out', 'kleio.tar.gz');
const opened = (name = 'state') => new ResultsFolder(join(folder, name), archivePath());

function shell(name: string, script: string, more: Partial<Job> = {}): Job {
  return { name, command: ['sh', '-c', script], prints: 'text', most: 3600, ...more };
}

async function run(jobs: readonly Job[], results: ResultsFolder, more: Partial<Stage> = {}) {
  let said = '';
  const print = (text: string) => {
    said += text;
    more.print?.(text);
  };
  const { signal: over } = new AbortController();
  const stage = { jobs, over, seed: '7', commit: 'one', has: () => true, ...more, print };
  const outcomes = await runStage(stage, results);
  return { endings: outcomes.map(({ ending }) => ending), outcomes, said };
}

describe('a stage', () => {
  it('says how each job ended, keeps what it printed, and goes on after a failure', async () => {
    const jobs = [
      shell('good', 'echo one; echo two >&2'),
      shell('bad', 'echo because; exit 4'),
      shell('killed', 'kill -9 $$'),
      shell('absent', '', { command: ['/nowhere/at-all'] }),
      shell('hanging', 'sleep 3600', { most: 1 }),
      shell('bare', 'exit 1', { needs: 'ncu' }),
    ];
    const results = opened();
    const { endings, outcomes, said } = await run(jobs, results, { has: () => false });
    expect(endings).toEqual(['passed', 'failed', 'failed', 'failed', 'hung', 'left out']);
    expect(outcomes[1]).toMatchObject({ reason: 'status 4', seed: '7', commit: 'one' });
    expect(outcomes[2]?.reason).toBe('by SIGKILL');
    expect(outcomes[3]?.reason).toMatch(/ENOENT/);
    expect(outcomes[5]?.reason).toBe('there is no ncu');
    expect(said).toContain('because');
    expect(['good', 'bad'].map((name) => results.output(name))).toEqual(['one\n', 'because\n']);
  });

  it('prints lines as they come, and keeps those of a job that the end of the stage meets', async () => {
    const jobs = [
      shell('lines', `echo '{"at": 1}'; sleep 3600`, { prints: 'lines' }),
      shell('next', ''),
    ];
    const results = opened();
    const end = new AbortController();
    const print = (text: string) => {
      if (text.includes('{"at": 1}')) end.abort();
    };
    const { endings } = await run(jobs, results, { over: end.signal, print });
    expect(endings).toEqual(['no time', 'no time']);
    expect(results.output('lines')).toBe('{"at": 1}\n');
  });

  it('ends where a job failed that the others depend on, unless told otherwise', async () => {
    const jobs = [shell('first', 'exit 1', { gate: true }), shell('second', '')];
    expect((await run(jobs, opened())).endings).toEqual(['failed']);
    expect((await run(jobs, opened(), { anyway: true })).endings).toEqual(['failed', 'passed']);
  });

  it('does again what failed, or passed in another build, and nothing else', async () => {
    const counts = join(folder, 'counts');
    const jobs = ['passes', 'fails'].map((name, i) =>
      shell(name, `echo ${name} >>${counts}; exit ${i}`),
    );
    await run(jobs, opened());
    expect((await run(jobs, opened())).endings).toEqual(['passed', 'failed']);
    expect(readFileSync(counts, 'utf8')).toBe('passes\nfails\nfails\n');
    await run(jobs, opened(), { commit: 'two' });
    expect(readFileSync(counts, 'utf8').match(/passes/g)).toHaveLength(2);
  });

  it('goes on from an archive alone', async () => {
    await run([shell('one', 'echo kept')], opened());
    const elsewhere = opened('elsewhere');
    const { said } = await run([shell('one', 'exit 1'), shell('two', '')], elsewhere);
    expect(said).toContain('one: passed before');
    expect(elsewhere.output('one')).toBe('kept\n');
    expect(elsewhere.outcomes.map(({ job }) => job)).toEqual(['one', 'two']);
  });

  it('asks again, and first, what the others depend on', async () => {
    const counts = join(folder, 'counts');
    const gate = shell('gate', `echo gate >>${counts}`, { gate: true });
    await run([gate], opened());
    const { outcomes } = await run([shell('other', ''), gate], opened());
    expect(outcomes.map(({ job }) => job)).toEqual(['gate', 'other']);
    expect(readFileSync(counts, 'utf8')).toBe('gate\ngate\n');
  });

  it('forgets nothing that it had no time to find out anew', async () => {
    const jobs = [shell('good', 'echo evidence'), shell('bad', 'echo evidence; exit 1')];
    await run(jobs, opened());
    const results = opened();
    const over = AbortSignal.abort();
    const { endings } = await run(jobs, results, { commit: 'two', over });
    expect(endings).toEqual(['no time', 'no time']);
    expect(results.outcomes.map(({ ending }) => ending)).toEqual(['passed', 'failed']);
    expect(results.output('good')).toBe('evidence\n');
    const without = shell('good', '', { needs: 'ncu' });
    await run([without], results, { commit: 'two', has: () => false });
    expect(results.output('good')).toBe('evidence\n');
  });

  it('takes no older build for a newer one that failed', async () => {
    await run([shell('job', 'echo old')], opened());
    const old = join(folder, 'old.tar.gz');
    copyFileSync(archivePath(), old);
    const results = opened();
    await run([shell('job', 'echo new; exit 1')], results, { commit: 'two' });
    results.takeOver(old);
    expect(results.outcome('job')).toMatchObject({ ending: 'failed', commit: 'two' });
    expect(results.output('job')).toBe('new\n');
  });
});

describe('a stage that is killed', () => {
  const JOBS = 8;
  const KILLS = 6;

  function started(state: string, counts: string, jobs = JOBS): ChildProcess {
    const program = join(root, 'test', 'programs', 'gpu-stage.ts');
    const words = [join(folder, state), archivePath(), counts, String(jobs)];
    return spawn(process.execPath, ['--import', 'tsx', program, ...words], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }

  const archived = (): Outcome[] => {
    const list = execFileSync('tar', ['-tzf', archivePath()]).toString().split('\n');
    return list
      .filter((name) => name.endsWith('outcome.json'))
      .map((name) => execFileSync('tar', ['-xzOf', archivePath(), name]).toString())
      .map((text) => JSON.parse(text) as Outcome);
  };

  it(`leaves an archive from which the next call goes on, ${KILLS} times at a random moment`, async () => {
    const counts = join(folder, 'counts');
    writeFileSync(counts, '');
    let known = 0;
    for (let kill = 0; kill < KILLS; ++kill) {
      // On a machine of its own each time: the archive is all there is.
      const child = started(`machine-${kill}`, counts);
      let said = '';
      child.stdout?.on('data', (text: Buffer) => {
        said += text;
      });
      const ended = once(child, 'exit');
      await Promise.race([once(child.stdout!, 'data'), ended]);
      await sleep(Math.random() * 200);
      child.kill('SIGKILL');
      await ended;
      if (existsSync(archivePath())) {
        const outcomes = archived();
        expect(outcomes.map(({ ending }) => ending)).toEqual(outcomes.map(() => 'passed'));
        expect(outcomes.length).toBeGreaterThanOrEqual(known);
        // What was said to be passed is in it: the archive comes before the next job begins.
        const begun = said.match(/^== job-/gm)?.length ?? 0;
        expect(outcomes.length).toBeGreaterThanOrEqual(known + begun - 1);
        known = outcomes.length;
      }
    }
    const last = started('last', counts);
    last.stdout?.resume();
    expect(await once(last, 'exit')).toEqual([0, null]);
    expect(archived()).toHaveLength(JOBS);
    // Nobody did again what was archived: at most the job that a kill met.
    const times = readFileSync(counts, 'utf8').trim().split('\n').length;
    expect(times).toBeLessThanOrEqual(JOBS + KILLS);
  });

  it('takes its job with it at the next call, keeps what it had printed, and does it last', async () => {
    const results = opened();
    const running = results.begin();
    const orphan = spawn('sleep', ['3600'], { detached: true, stdio: 'ignore' });
    const ended = once(orphan, 'exit');
    const outcome = { job: 'left', ending: 'hung', seconds: 0, seed: '7', commit: 'one' } as const;
    const left = shell('left', 'true', { prints: 'lines' });
    running.started(left, orphan.pid!, { ...outcome, date: new Date().toISOString() });
    running.print(Buffer.from('{"known": 1}\n'));
    const next = opened();
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(next.output('left')).toBe('{"known": 1}\n');
    const { outcomes } = await run([left, shell('other', '')], next);
    expect(outcomes.map(({ job }) => job)).toEqual(['other', 'left']);
  });

  it('leaves alone a process that has the number of its job by now', () => {
    const running = opened().begin();
    const job = shell('left', '');
    const outcome = { job: 'left', ending: 'hung', seconds: 0, seed: '7', commit: 'one' } as const;
    running.started(job, process.pid, { ...outcome, date: '' });
    const path = join(running.folder, 'started.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/"since":"\d+"/, '"since":"1"'));
    expect(opened().outcome('left')?.ending).toBe('hung'); // and we are still here
  });
});

describe('the stages', () => {
  it('name every job once', () => {
    const names = STAGES.flatMap((stage) => jobsOf(stage, '1')).map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z0-9-]+$/.test(name))).toEqual([]);
  });

  it('are said by the command that does not know what is asked for', () => {
    expect.assertions(STAGES.length + 1);
    try {
      execFileSync(join(root, 'bench', 'gpu.sh'), ['everything'], { stdio: 'pipe' });
    } catch (error) {
      const { status, stderr } = error as { status: number; stderr: Buffer };
      expect(status).toBe(2);
      for (const stage of STAGES) expect(stderr.toString()).toContain(`bench/gpu.sh ${stage} `);
    }
  });
});
