// Copied beside an installed package and run by each version of Node.js: both doors lead to one
// implementation that works, Float16Array included where the runtime has it.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const required = require('kleio');
const imported = await import('kleio');
const same = Object.keys(required).filter((name) => required[name] === imported[name]);
const { EmbeddingTable, History, inspect, topK } = imported;

const table = EmbeddingTable.from(Int8Array.of(3, 4, -4, 3, 4, 3), { dim: 2 });
const history = new History(table);
history.append(Int32Array.of(0, 1, 2, 0));
const kept = await history.search(Int32Array.of(0), { k: 3 });

const { Float16Array } = globalThis;
const halves = Float16Array && [
  ...topK(Float16Array.of(0, 2), Float16Array.of(1, 0, 0, 1, 0.6, 0.8), { dim: 2, k: 2 }).positions,
  ...new History(EmbeddingTable.from(Float16Array.of(1, 0), { dim: 2 })).searchSync(
    Float16Array.of(1, 0),
    { k: 1 },
  ).positions,
];

process.stdout.write(
  JSON.stringify({
    node: process.versions.node,
    names: Object.keys(required).sort(),
    same: same.sort(),
    positions: [...kept.positions],
    halves: halves ?? null,
    binary: inspect().binary,
    version: require('kleio/package.json').version,
  }),
);
