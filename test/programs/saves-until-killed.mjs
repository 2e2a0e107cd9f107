// Saves a tree to the path it is given, again and again, until somebody ends it; says when it has begun.
import { EmbeddingTable, IndexTree } from 'kleio';

const DIM = 64;
const values = Int8Array.from({ length: 20_000 * DIM }, (_, i) => Math.imul(i, 2654435761) >>> 24);
const tree = await IndexTree.build(EmbeddingTable.from(values, { dim: DIM }));
for (;;) {
  await tree.save(process.argv[2]);
  process.stdout.write('saved\n');
}
