// Sixty users' histories over one table on a device, searched in an order without pattern, some at once.
import { devices, EmbeddingTable, History } from 'kleio';
import { codes, device, digest } from './subject.mjs';

const USERS = 60;
const ROUNDS = Number(process.env.ROUNDS ?? 40);
const ROWS = 2000;
const DIM = 32;
const values = codes(ROWS * DIM, 9);
const targets = codes(4 * DIM, 10);

function usersOn(place) {
  const table = EmbeddingTable.from(values, { dim: DIM, device: place });
  return Array.from({ length: USERS }, (_, user) => {
    const history = new History(table);
    history.append(Int32Array.from({ length: 3000 }, (_, i) => (i * 7919 + user * 31) % ROWS));
    return history;
  });
}

const [there, here] = [usersOn(device), usersOn('cpu')];
let wrong = 0;
for (let round = 0; round < ROUNDS; ++round) {
  const users = Array.from({ length: 8 }, (_, place) => (round * 17 + place * 23) % USERS);
  const answers = await Promise.all(users.map((user) => there[user].search(targets, { k: 10 })));
  for (const [place, user] of users.entries()) {
    const expected = here[user].searchSync(targets, { k: 10 });
    if (digest(answers[place]) !== digest(expected)) ++wrong;
    for (const history of [there[user], here[user]]) history.append(Int32Array.of(round, user));
  }
}
const { usage } = devices().find(({ name }) => name === device);
process.stdout.write(JSON.stringify({ wrong, usage }));
