/** The latencies that the command line prints are quantiles of the calls it made. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { measure } from '../lib/cli/latency.js';
import { LatencyHistogram } from '../lib/cli/latency-histogram.js';

afterEach(() => vi.restoreAllMocks());

describe('a histogram', () => {
  const histogramOf = (...calls: number[]) => {
    const histogram = new LatencyHistogram();
    for (const elapsedMs of calls) histogram.add(elapsedMs);
    return histogram;
  };

  it.each([
    [0, 1],
    [0.25, 1],
    [0.26, 2],
    [0.5, 2],
    [0.75, 30],
    [0.76, 400],
    [1, 400],
  ])('has the quantile %d, too high by 1 % at most', (fraction, exact) => {
    const shown = histogramOf(400, 1, 30, 2).quantileMs(fraction);
    expect(shown).toBeGreaterThanOrEqual(exact * (1 - 1e-9));
    expect(shown).toBeLessThanOrEqual(exact * 1.01);
  });

  it('counts what is shorter or longer than its bins in the last of them', () => {
    expect(histogramOf(0, 0.0001, 1).quantileMs(0.5)).toBe(0.001);
    const day = 24 * 3600 * 1000;
    expect(histogramOf(day, 2 * day).quantileMs(0.5)).toBeGreaterThan(2 * 3600 * 1000);
  });

  it('has the longest call as it was', () => {
    expect(histogramOf(1, 123.4567, 3).quantileMs(1)).toBe(123.4567);
    expect(histogramOf(0.0001).quantileMs(1)).toBe(0.0001);
  });

  it('has no quantile without a call', () => {
    expect(histogramOf().quantileMs(0)).toBeNaN();
  });
});

describe('a measurement', () => {
  /** Calls of these lengths by a clock of its own, the last one again and again. */
  async function measured(lengthsMs: readonly number[], answer?: (now: () => void) => unknown) {
    let [clock, calls] = [100, 0];
    vi.spyOn(performance, 'now').mockImplementation(() => clock);
    const {
      p50Ms,
      p99Ms,
      calls: counted,
    } = await measure(() => {
      const length = lengthsMs[Math.min(calls++, lengthsMs.length - 1)]!;
      const pass = () => {
        clock += length;
      };
      return answer === undefined ? pass() : answer(pass);
    });
    return { p50Ms, p99Ms, counted, calls };
  }

  it('leaves the first two calls out', async () => {
    expect(await measured([900, 900, 1])).toMatchObject({ p50Ms: 1, p99Ms: 1 });
  });

  it('makes five calls however long they take, then stops when the time is used up', async () => {
    expect(await measured([0, 0, 5000])).toMatchObject({ counted: 5, calls: 7 });
    // Seven calls end at 1400 ms, the eighth after the budget.
    expect(await measured([0, 0, 200])).toMatchObject({ counted: 8 });
    expect(await measured([0, 0, 750, 750, 0, 0, 0, 0, 1])).toMatchObject({ counted: 7 });
  });

  it('makes 2000 calls at most', async () => {
    expect(await measured([0])).toMatchObject({ counted: 2000, calls: 2002 });
  });

  it('sorts what it measured', async () => {
    expect(await measured([0, 0, 700, 9, 10, 8, 900])).toMatchObject({ p50Ms: 10, p99Ms: 900 });
  });

  it('waits for calls that answer later', async () => {
    const later = (pass: () => void) => Promise.resolve().then(pass);
    expect(await measured([0, 0, 2000], later)).toMatchObject({ counted: 5, p50Ms: 2000 });
  });
});
