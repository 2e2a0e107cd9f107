/** The order of a tree's calls. */

/** After everything before it, however that ended. */
export function inTurn<Value>(
  before: Promise<unknown>,
  call: () => Promise<Value>,
): Promise<Value> {
  return before.then(call, call);
}
