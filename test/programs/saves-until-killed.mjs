// Saves the tree of its first path to its second, again and again, until somebody ends it; says when it has begun.
import { IndexTree } from 'kleio';

const [, , from, to] = process.argv;
const tree = await IndexTree.open(from);
for (;;) {
  await tree.save(to);
  process.stdout.write('saved\n');
}
