/**
 * What every fuzzer does with its inputs: tries each, and holds what happens to what is promised. The answer is
 * something useful or an error of the package, with a message that people can read, in time and memory that
 * are linear in the input.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../cases/random.js';

export interface Trial {
  /** Of all files of the input. */
  readonly bytes: number;
  /** Ways in; each is tried with the same input. */
  readonly doors: readonly (() => Promise<void>)[];
}

export interface FuzzTarget {
  readonly name: string;
  /** Writes an input into the folder. */
  draw(random: Random, folder: string): Promise<Trial>;
}

export interface FuzzReport {
  inputs: number;
  /** Doors that let an input in. */
  opened: number;
  /** How often each code was the answer. */
  refused: Record<string, number>;
  slowestMs: number;
  mostMebibytes: number;
}

/** Both for a machine that does something else besides, and a binary under a sanitizer. */
const MOST_MS = 5000;
const MOST_MS_A_MEGABYTE = 2000;
const MOST_MEBIBYTES = 1024;
const MOST_MEBIBYTES_A_MEGABYTE = 20;
const MOST_CHARACTERS = 500;

/** Inputs that are on the disk at once. */
const AT_A_TIME = 32;

/** Codes that no file may be the cause of. */
const FAULTS = ['ERR_KLEIO_INTERNAL', 'ERR_KLEIO_OUT_OF_MEMORY', 'ERR_KLEIO_BINARY'];

const noInputs = (): FuzzReport => ({
  inputs: 0,
  opened: 0,
  refused: {},
  slowestMs: 0,
  mostMebibytes: 0,
});

/** Tries inputs until `enough` says so. Each has a seed of its own, which `starting` hears before it is tried. */
export async function fuzz(
  target: FuzzTarget,
  seed: number,
  enough: (report: FuzzReport) => boolean,
  starting: (seed: number) => void = () => undefined,
): Promise<FuzzReport> {
  const folder = mkdtempSync(join(tmpdir(), 'kleio-fuzz-'));
  const report = noInputs();
  try {
    for (let first = seed; !enough(report); first += AT_A_TIME) {
      const trials = await drawSome(target, first, folder);
      for (const [index, trial] of trials.entries()) {
        if (enough(report)) break;
        starting(first + index);
        report.inputs += 1;
        try {
          for (const door of trial.doors) await tryDoor(door, trial.bytes, folder, report);
        } catch (cause) {
          throw new Error(`${target.name}, seed ${first + index}`, { cause });
        }
      }
    }
    return report;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Together, because a file that has just been written is waited for: its stamps must have settled. */
async function drawSome(target: FuzzTarget, first: number, folder: string): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (let index = 0; index < AT_A_TIME; index += 1) {
    const own = join(folder, String(index));
    mkdirSync(own, { recursive: true });
    trials.push(await target.draw(new Random(first + index), own));
  }
  return trials;
}

async function tryDoor(
  door: () => Promise<void>,
  bytes: number,
  folder: string,
  report: FuzzReport,
): Promise<void> {
  const megabytes = bytes / 1e6;
  const before = process.memoryUsage.rss();
  const began = performance.now();
  try {
    await door();
    report.opened += 1;
  } catch (error) {
    const code = codeOf(error, folder);
    report.refused[code] = (report.refused[code] ?? 0) + 1;
  }
  const ms = performance.now() - began;
  const mebibytes = (process.memoryUsage.rss() - before) / 2 ** 20;
  report.slowestMs = Math.max(report.slowestMs, Math.round(ms));
  report.mostMebibytes = Math.max(report.mostMebibytes, Math.round(mebibytes));
  if (ms > MOST_MS + megabytes * MOST_MS_A_MEGABYTE) {
    throw new Error(`${bytes} bytes took ${ms} ms`);
  }
  if (mebibytes > MOST_MEBIBYTES + megabytes * MOST_MEBIBYTES_A_MEGABYTE) {
    throw new Error(`${bytes} bytes took ${mebibytes} MiB`);
  }
}

/** The code of an error of the package; anything else is what fuzzers look for. */
function codeOf(error: unknown, folder: string): string {
  const { code, message } = Object(error) as { code?: unknown; message?: unknown };
  if (typeof code !== 'string' || !code.startsWith('ERR_KLEIO_') || FAULTS.includes(code)) {
    throw new Error('no error of the package that a file may cause', { cause: error });
  }
  const text = String(message).replaceAll(folder, '');
  if (text.length > MOST_CHARACTERS)
    throw new Error(`a message of ${text.length} characters: ${text.slice(0, 2000)}`);
  return code;
}
