/** What the cases of reading histories share: a history that was written once, and is read again and again. */

import type { History } from '../../index.js';
import type { Prepared, Setting } from './case.js';
import { namedBehaviours } from './named-behaviours.js';

export async function writtenHistory(
  setting: Setting,
  packed: boolean,
): Promise<Prepared<History>> {
  const { table, behaviours, verify } = namedBehaviours(setting);
  const { History } = setting.kleio;
  let history = await History.build(table, behaviours, {
    categories: behaviours.map((id) => id % 100n),
    times: Float64Array.from(behaviours, (_, at) => at),
  });
  const bytes = await history.toBytes({ packed });
  return {
    async call() {
      history.close();
      history = await History.fromBytes(table, bytes);
      return history;
    },
    verify,
    close: () => table.close(),
  };
}
