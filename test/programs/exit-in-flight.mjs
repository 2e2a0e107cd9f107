// Ends by process.exit while searches run and more are queued: at the first answer of forty.
import { codes, subject } from './subject.mjs';

const { history } = subject({ rows: 20_000, dim: 64, length: 50_000 });
const targets = codes(20 * 64, 5);
const searches = Array.from({ length: 40 }, () => history.search(targets, { k: 50 }));
await Promise.race(searches);
process.stdout.write('{"exited":true}', () => process.exit(0));
