/** Where `npm run build:tests` puts the binary whose device runs in the memory of the process. */
import { join } from 'node:path';

const root = join(__dirname, '..', '..');

export const SOFTWARE_BINARY = join(root, 'build', 'Release', 'kleio_software.node');
