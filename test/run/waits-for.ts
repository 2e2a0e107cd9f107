/** How the name of a test that is left out says what it waits for. */

export const waitsFor = (what: string): string => `(waits for ${what})`;

/** What a name waits for; undefined for one that does not. */
export const awaitedBy = (name: string): string | undefined =>
  /\(waits for (.*?)\)(?: >|$)/.exec(name)?.[1];
