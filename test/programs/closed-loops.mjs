// Clients that ask again at once when the full queue refuses them, until they are answered.

/**
 * Each client makes its call so many times, one after the other. Tells how many were answered, by the
 * client, and how many refusals were heard.
 */
export async function closedLoops(clients, times) {
  let refused = 0;
  const answered = clients.map(() => 0);
  const client = async (call, index) => {
    while (answered[index] < times) {
      try {
        await call();
        answered[index] += 1;
      } catch ({ code, message }) {
        if (code !== 'ERR_KLEIO_QUEUE_FULL') throw new Error(message);
        refused += 1;
      }
    }
  };
  await Promise.all(clients.map(client));
  return { answered, refused };
}
