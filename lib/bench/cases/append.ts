/** Making a history: looking up the ids of its behaviours, packing what a scan reads of each item. */

import type { History } from '../../index.js';
import { defineCase } from '../harness/case.js';
import { namedBehaviours } from '../harness/named-behaviours.js';

export default defineCase<History>({
  name: 'append',
  about: 'a new History with one append of ids in no order of the table; the one before is closed',
  axes: ['length', 'dim', 'dtype'],

  prepare(setting) {
    const { table, behaviours, verify } = namedBehaviours(setting);
    let history = new setting.kleio.History(table);
    return {
      call() {
        history.close();
        history = new setting.kleio.History(table);
        history.append(behaviours);
        return history;
      },
      verify,
      close: () => table.close(),
    };
  },
});
