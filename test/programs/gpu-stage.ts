/** Runs a stage of small jobs, of which each writes a line to COUNTS: gpu-stage.ts FOLDER ARCHIVE COUNTS JOBS */
import type { Job } from '../../bench/gpu/job.js';
import { ResultsFolder } from '../../bench/gpu/results-folder.js';
import { runStage } from '../../bench/gpu/run-stage.js';

const [folder, archive, counts, count] = process.argv.slice(2) as [string, string, string, string];

const jobs = Array.from({ length: Number(count) }, (_, i): Job => {
  const script = `echo ${i} >>"$0"; sleep 0.05; echo '{"job": ${i}}'`;
  return { name: `job-${i}`, command: ['sh', '-c', script, counts], prints: 'lines', most: 3600 };
});

const over = new AbortController().signal;
const stage = { jobs, over, seed: '1', commit: 'one', has: () => true };
const print = (text: string) => process.stdout.write(text);
runStage({ ...stage, print }, new ResultsFolder(folder, archive)).then((outcomes) => {
  process.exitCode = outcomes.every(({ ending }) => ending === 'passed') ? 0 : 1;
});
