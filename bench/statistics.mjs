/** The value below which `share` of the sample lies, interpolated. */
export function quantile(sample, share) {
  const sorted = Float64Array.from(sample).sort();
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (at - below);
}

/** Median and quartiles. */
export const spread = (sample) => ({
  median: quantile(sample, 0.5),
  lower: quantile(sample, 0.25),
  upper: quantile(sample, 0.75),
});

/** Three significant digits. */
export const short = (value) => String(Number(value.toPrecision(3)));
