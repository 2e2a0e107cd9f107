// What one writes without a package: dot products in a loop and a small sorted list.

export default [{ name: 'plain JavaScript', package: null, slow: true, open }];

function open({ history, dim, k }) {
  const length = history.length / dim;
  return {
    search(targets) {
      const count = targets.length / dim;
      const positions = new Int32Array(count * k);
      const scores = new Float32Array(count * k);
      for (let index = 0; index < count; ++index) {
        const target = targets.subarray(index * dim, (index + 1) * dim);
        const best = topOf(history, length, target, k);
        positions.set(best.positions, index * k);
        scores.set(best.scores, index * k);
      }
      return { positions, scores };
    },
    close() {},
  };
}

function topOf(history, length, target, k) {
  const dim = target.length;
  const positions = new Int32Array(k).fill(-1);
  const scores = new Float32Array(k).fill(-Infinity);
  for (let position = 0, element = 0; position < length; ++position) {
    let score = 0;
    for (let d = 0; d < dim; ++d) score += target[d] * history[element++];
    if (score < scores[k - 1]) continue;
    let place = k - 1;
    for (; place > 0 && scores[place - 1] <= score; --place) {
      scores[place] = scores[place - 1];
      positions[place] = positions[place - 1];
    }
    scores[place] = score;
    positions[place] = position;
  }
  return { positions, scores };
}
