/** What makes a history over something else than a table of the caller's. */

import type { NativeHistory } from '../binding/contract/native-history.js';
import { Handle, isObject } from '../support/handles.js';
import type { SearchedTable } from './search-plan.js';

export class HistoryParts {
  readonly #handle: Handle<NativeHistory>;

  constructor(
    native: NativeHistory,
    readonly table: SearchedTable,
  ) {
    this.#handle = new Handle('history', native);
  }

  static is(value: unknown): value is HistoryParts {
    return isObject(value) && #handle in value;
  }

  get handle(): Handle<NativeHistory> {
    return this.#handle;
  }
}
