/** A history back from packed bytes: copied, checked, its items as they were packed. */

import type { History } from '../../index.js';
import { defineCase } from '../harness/case.js';
import { writtenHistory } from '../harness/written-history.js';

export default defineCase<History>({
  name: 'from-packed',
  about:
    "History.fromBytes of what toBytes({ packed: true }) wrote of 'append'; the one before is closed",
  axes: ['length', 'dim', 'dtype'],
  prepare: (setting) => writtenHistory(setting, true),
});
