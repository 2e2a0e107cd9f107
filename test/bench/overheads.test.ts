/** The harness of overheads tells the truth about requests whose timing is known. */
import { expect, it } from 'vitest';
import { uniformStream } from '../../lib/bench/harness/uniform.js';
import { arrivals, clockMs } from '../../lib/bench/overheads/arrivals.js';
import { addedBy } from '../../lib/bench/overheads/pipeline.js';

it('lets every request arrive, in order, none before it is due', async () => {
  const moments = Array.from({ length: 200 }, (_, request) => 20 + request * 0.7);
  const seen: number[] = [];
  let first = 0;
  await arrivals(moments, ({ request, dueMs }) => {
    if (request === 0) first = dueMs;
    expect(dueMs - first).toBeCloseTo(moments[request]! - moments[0]!, 3);
    expect(clockMs()).toBeGreaterThanOrEqual(dueMs);
    seen.push(request);
  });
  expect(seen).toEqual(moments.map((_, request) => request));
});

it('counts from when a request was due where the event loop was late', async () => {
  const late: number[] = [];
  await arrivals([1, 2, 3], ({ dueMs }) => {
    late.push(clockMs() - dueMs);
    if (late.length === 1) for (const end = clockMs() + 50; clockMs() < end; );
  });
  expect(late[1]).toBeGreaterThan(45);
  expect(late[2]).toBeGreaterThan(45);
});

it('finds what was added to every request, and nothing where nothing was', () => {
  const uniform = uniformStream(5);
  const noisy = () => Array.from({ length: 300 }, () => 50 + 10 * uniform());
  const base = noisy();
  const { p50, p99, withinRounds } = addedBy(
    base.map((time) => time + 3),
    base,
    uniform,
  );
  for (const shift of [p50, p99]) {
    expect(shift.value).toBeCloseTo(3, 9);
    expect([shift.lower, shift.upper]).toEqual([expect.closeTo(3, 9), expect.closeTo(3, 9)]);
  }
  expect(withinRounds.p50).toBeCloseTo(3, 9);

  let held = 0;
  for (let trial = 0; trial < 12; ++trial) {
    const { p50: nothing, withinRounds: noise } = addedBy(noisy(), noisy(), uniform);
    if (nothing.lower <= 0 && nothing.upper >= 0) held += 1;
    // The differences within rounds hold the noise of both: their tail is not what was added.
    expect(noise.p99).toBeGreaterThan(5);
  }
  expect(held).toBeGreaterThan(8);
});
