// Steps on a device that may fail at any moment: each is tried twice.

/** Codes of all that failed. */
export const codes = [];

let failedTwice = 0;

/** Steps that failed a second time. */
export const unusable = () => failedTwice;

/** What the second try gives; undefined if it fails too. */
export async function twice(attempt) {
  for (let tries = 0; tries < 2; ++tries) {
    try {
      return await attempt();
    } catch (error) {
      codes.push(error.code);
    }
  }
  ++failedTwice;
  return undefined;
}
