/**
 * A retrieval written down as JSON:
 *
 *     { "history": [ids], "user": [numbers], "allow": [ids], "block": [ids] }
 *
 * Everything may be left out.
 */

import { float32s, ids, object, REQUEST } from './request-fields.js';
import type { RequestJson } from './request-json.js';
import { requestText } from './request-text.js';

export interface TreeRequest {
  readonly history?: BigInt64Array;
  readonly user?: Float32Array;
  readonly allow?: BigInt64Array;
  readonly block?: BigInt64Array;
}

const request = object({}, { history: ids, user: float32s, allow: ids, block: ids });

/** @param path `-` for standard input; without one nothing is known of the user. */
export async function readTreeRequest(path: string | undefined): Promise<TreeRequest> {
  if (path === undefined) return {};
  return treeRequest(await requestText(path));
}

export function treeRequest(json: RequestJson): TreeRequest {
  return json.whole(() => request(json, REQUEST));
}
