/** A history back from plain bytes, which is to make it again. */

import type { History } from '../../index.js';
import { defineCase } from '../harness/case.js';
import { writtenHistory } from '../harness/written-history.js';

export default defineCase<History>({
  name: 'from-plain',
  about:
    "History.fromBytes of what toBytes() wrote of the history of 'append'; the one before is closed",
  axes: ['length', 'dim', 'dtype'],
  prepare: (setting) => writtenHistory(setting, false),
});
