/** Where `npm run build:software` puts the binary whose device runs in the memory of the process. */
import { join } from 'node:path';

export const SOFTWARE_BINARY = join(
  __dirname,
  '..',
  '..',
  'build',
  'Release',
  'software',
  'kleio.node',
);
