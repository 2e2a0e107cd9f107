// Ends by process.exit while searches run and more are queued.
import { codes, subject } from './subject.mjs';

const { history } = subject({ rows: 20_000, dim: 64, length: 50_000 });
const targets = codes(300 * 64, 5);
for (let search = 0; search < 40; ++search) history.search(targets, { k: 50 });
process.stdout.write('{"exited":true}', () => setTimeout(() => process.exit(0), 5));
