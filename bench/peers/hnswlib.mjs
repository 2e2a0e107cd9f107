// hnswlib-node: an approximate index, float32, one thread; it keeps what its graph leads to.
import hnswlib from 'hnswlib-node';

const LINKS = 24;
const BUILD_BREADTH = 200;
const SEARCH_BREADTHS = [200, 1000];
const indices = new WeakMap();

export default SEARCH_BREADTHS.map((breadth) => ({
  name: `hnswlib-node, ef ${breadth}`,
  package: 'hnswlib-node',
  approximate: true,
  slow: true,
  // A history of this length takes a minute to index, and every new behaviour a part of it.
  mostLength: 100_000,
  open: (question) => open(question, breadth),
}));

/** One index of each history, whatever the breadth it is searched with. */
function indexOf({ history, dim, seed }) {
  const known = indices.get(history);
  if (known !== undefined) return known;
  const length = history.length / dim;
  const index = new hnswlib.HierarchicalNSW('ip', dim);
  index.initIndex(length, LINKS, BUILD_BREADTH, seed);
  for (let row = 0; row < length; ++row) {
    index.addPoint(Array.from(history.subarray(row * dim, (row + 1) * dim)), row);
  }
  indices.set(history, index);
  return index;
}

function open(question, breadth) {
  const { dim, k } = question;
  const index = indexOf(question);
  return {
    search(targets) {
      index.setEf(Math.max(breadth, k));
      const count = targets.length / dim;
      const positions = new Int32Array(count * k);
      const scores = new Float32Array(count * k);
      for (let target = 0; target < count; ++target) {
        const point = Array.from(targets.subarray(target * dim, (target + 1) * dim));
        const { neighbors, distances } = index.searchKnn(point, k);
        // Farthest first in some releases: ordered here, at no cost worth counting.
        const order = [...neighbors.keys()].sort((a, b) => distances[a] - distances[b]);
        order.forEach((from, place) => {
          positions[target * k + place] = neighbors[from];
          scores[target * k + place] = 1 - distances[from];
        });
      }
      return { positions, scores };
    },
    close() {},
  };
}
