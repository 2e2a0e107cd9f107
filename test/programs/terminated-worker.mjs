// A worker that is terminated in the middle of its work.
import { Worker } from 'node:worker_threads';

/** Ends it after so many messages from it. */
export async function terminatedAfter(messages, url, options) {
  const worker = new Worker(url, options);
  let left = messages;
  await new Promise((resolve, reject) => {
    worker.on('message', () => {
      if (left-- === 0) resolve();
    });
    worker.once('error', reject);
  });
  await worker.terminate();
}
