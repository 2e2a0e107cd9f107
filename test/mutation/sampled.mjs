// Which mutants of all are run, in the same order for the same seed.

/**
 * Of every file its share, and one of each first: a pass that is stopped has seen them all. `files` keeps those whose path
 * holds one of the texts, `again` those that survived in a former result.
 */
export function sampled(mutants, { sample, seed, files, again }) {
  let kept = mutants.filter(({ file }) => !files || files.some((text) => file.includes(text)));
  if (again !== undefined) {
    const survivors = new Set(again.map(placeOf));
    kept = kept.filter((mutant) => survivors.has(placeOf(mutant)));
  }
  if (sample === undefined || sample >= kept.length) return kept;
  const random = mulberry32(seed);
  const ranked = [...byFile(kept).values()].flatMap((group) =>
    shuffled(group, random).map((mutant, place) => ({ mutant, share: place / group.length })),
  );
  ranked.sort((left, right) => left.share - right.share);
  return ranked.slice(0, sample).map(({ mutant }) => mutant);
}

function placeOf({ file, line, column, mutation }) {
  return `${file}:${line}:${column} ${mutation}`;
}

function shuffled(items, random) {
  const order = [...items];
  for (let end = order.length - 1; end > 0; --end) {
    const other = Math.floor(random() * (end + 1));
    [order[end], order[other]] = [order[other], order[end]];
  }
  return order;
}

function mulberry32(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function byFile(mutants) {
  const groups = new Map();
  for (const mutant of mutants) {
    const group = groups.get(mutant.file);
    if (group === undefined) groups.set(mutant.file, [mutant]);
    else group.push(mutant);
  }
  return groups;
}
