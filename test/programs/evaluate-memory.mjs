// Evaluates a folder of data by the command line's own code, and says how large the process became.
import { join } from 'node:path';

const { KLEIO_TEST_DATA: data, KLEIO_TEST_WEIGHTS: weights } = process.env;
let printed = '';
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = (text) => {
  printed += text;
  return true;
};
process.on('exit', () => {
  const { samples } = JSON.parse(printed);
  const peakMegabytes = process.resourceUsage().maxRSS / 1024;
  write(JSON.stringify({ samples, peakMegabytes }));
});
process.argv = [
  process.argv[0],
  'kleio',
  'evaluate',
  '--data',
  data,
  '--weights',
  weights,
  '--json',
];
await import(join(import.meta.dirname, '..', '..', 'dist', 'cli.js'));
