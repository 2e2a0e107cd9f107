// Evaluates a folder of data by the command line's own code, and says how much was alive at most. Run
// with --expose-gc.
import { join } from 'node:path';
import { liveBytes } from './live-memory.mjs';

const { KLEIO_TEST_DATA: data, KLEIO_TEST_WEIGHTS: weights } = process.env;
let printed = '';
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = (text) => {
  printed += text;
  return true;
};

// The clock is read before and after every ranking: there everything is alive that is needed for one.
const LOOK_EVERY = Number(process.env.KLEIO_TEST_LOOKS);
let readings = 0;
let mostLive = 0;
const now = performance.now.bind(performance);
performance.now = () => {
  readings += 1;
  if (readings % LOOK_EVERY === 0) {
    // The memory of arrays that the first finds goes at the beginning of the second.
    globalThis.gc();
    globalThis.gc();
    mostLive = Math.max(mostLive, liveBytes());
  }
  return now();
};

process.on('exit', () => {
  const { samples, data } = JSON.parse(printed);
  write(
    JSON.stringify({
      samples,
      parts: data.parts,
      looks: Math.floor(readings / LOOK_EVERY),
      mostLive,
    }),
  );
});
process.argv = [
  process.argv[0],
  'kleio',
  'evaluate',
  ...['--data', data, '--weights', weights],
  ...['--part', process.env.KLEIO_TEST_PART, '--json'],
];
await import(join(import.meta.dirname, '..', '..', 'dist', 'cli.js'));
