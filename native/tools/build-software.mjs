// Builds the addon with a software device in place of a GPU, for tests of the device code where there
// is none: build-software/build/Release/kleio.node. It is never shipped.
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { runPackage } from './node-gyp.mjs';

// node-gyp knows one build folder per project, so this build is a project of links.
const folder = 'build-software';
mkdirSync(folder, { recursive: true });
for (const part of ['binding.gyp', 'package.json', 'native']) {
  const link = join(folder, part);
  if (!existsSync(link)) symlinkSync(join('..', part), link);
}
const gyp = 'node-gyp/bin/node-gyp.js';
const sanitize = process.env.KLEIO_SANITIZE ?? '';
runPackage(gyp, [
  'configure',
  '-C',
  folder,
  '--',
  '-Dkleio_device=software',
  `-Dkleio_sanitize=${sanitize}`,
]);
runPackage(gyp, ['build', '-C', folder]);
