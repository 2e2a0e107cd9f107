// Holds the only thread of the pool for as long as a test wants, so that what is called meanwhile waits,
// on a slow machine as on a fast one. Run with KLEIO_THREADS=1 and a KLEIO_QUEUE of a few calls.
import { setImmediate as turn } from 'node:timers/promises';
import { EmbeddingTable, History, inspect } from 'kleio';

/** Of targets and of rows: more than 10^11 pairs, each scored in float64, by some 10^8 at most a second. */
const SIDE = 2 ** 19;

/** Starts a search that would keep the thread for many minutes of any machine, unless it is released. */
export async function holdThread() {
  // No float32 bound holds of such norms, so nothing is scanned quickly.
  const table = EmbeddingTable.from(new Float32Array(SIDE).fill(1e17), { dim: 1 });
  const history = new History(table);
  const rows = Int32Array.from({ length: SIDE }, (_, row) => row);
  history.append(rows);
  const holder = new AbortController();
  const held = history.search(rows, { k: 1, by: 'dot', signal: holder.signal });
  held.catch(() => undefined);
  await queueIsEmpty(history);
  return {
    /** A history that a search is reading at this moment. */
    history,
    held,
    release(reason) {
      holder.abort(reason);
    },
  };
}

/** Waits until the queue takes as many calls as it holds: the search before them has left it. */
async function queueIsEmpty(history) {
  const { queueCapacity } = inspect();
  for (;;) {
    const controller = new AbortController();
    const { signal } = controller;
    const asked = Array.from({ length: queueCapacity }, () =>
      history.search(Int32Array.of(0), { k: 1, signal }),
    );
    controller.abort();
    const outcomes = await Promise.allSettled(asked);
    if (outcomes.every(({ reason }) => reason.code !== 'ERR_KLEIO_QUEUE_FULL')) return;
    await turn();
  }
}

/** Whether a promise has settled by now: settled ones are ahead of this. */
export async function isPending(promise) {
  const pending = Symbol('pending');
  return (await Promise.race([promise, pending]).catch(() => undefined)) === pending;
}
