// Nothing but running searches keeps this process alive, and they do until the last has answered; then
// nothing does.
import { codes, subject } from './subject.mjs';

let answered = 0;
{
  const { history } = subject({ rows: 5000, dim: 64, length: 10_000 });
  const targets = codes(50 * 64, 5);
  for (let search = 0; search < 20; ++search) {
    history.search(targets, { k: 50 }).then(() => {
      answered += 1;
    });
  }
}
process.on('exit', () => process.stdout.write(JSON.stringify({ answered })));
