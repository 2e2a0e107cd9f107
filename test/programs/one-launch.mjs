// Searches on a device one after the other, each compared with the CPU's: how many were answered before
// one failed, and how many of them wrong.
import { EmbeddingTable, History, searchMany } from 'kleio';
import { codes, device, digest } from './subject.mjs';

const ROWS = 900;
const DIM = 40;
const rounds = Number(process.env.ROUNDS);
const users = Number(process.env.USERS);
const targets = Number(process.env.TARGETS);
const values = codes(ROWS * DIM, 3);
const [there, here] = [device, 'cpu'].map((place) => {
  const table = EmbeddingTable.from(values, { dim: DIM, device: place });
  return Array.from({ length: users }, (_, user) => {
    const history = new History(table);
    const length = 300 * user + 1200;
    history.append(Int32Array.from({ length }, (_, i) => (i * 7919 + user) % ROWS));
    return history;
  });
});
const ask = (histories, round) =>
  searchMany(
    histories.map((history) => ({
      history,
      targets: codes(targets * DIM, 20 + round),
      k: 20 + (round % 3),
    })),
  );

let answered = 0;
let wrong = 0;
let code;
try {
  for (; answered < rounds; ++answered) {
    const found = await ask(there, answered);
    const expected = await ask(here, answered);
    if (JSON.stringify(found.map(digest)) !== JSON.stringify(expected.map(digest))) ++wrong;
  }
} catch (error) {
  code = error.code;
}
process.stdout.write(JSON.stringify({ answered, wrong, code }));
