/** The package in a realm of its own: its typed arrays, promises and errors are not those of Node.js. */
import { expect, it } from 'vitest';
import { NewFiles } from '../cases/new-files.js';
import { runProgram } from '../cases/programs.js';
import { bytesOf, safetensorsOf } from '../cases/tensor-files.js';

const files = new NewFiles('realms');

interface Results {
  readonly here: readonly number[];
  readonly there: readonly number[];
  readonly built: readonly string[];
  readonly opened: readonly string[];
  readonly rows: number;
  readonly auc: number;
  readonly errors: Readonly<
    Record<string, readonly [code: string, kind: string, isError: boolean]>
  >;
}

it('works there, and its errors are of that realm and have their codes', async () => {
  const bytes = bytesOf(Int8Array.of(1, 2, 3, 4));
  const input = files.of(safetensorsOf({ values: { dtype: 'I8', shape: [2, 2], bytes } }));
  const words = [input, files.path()];
  const { here, there, built, opened, rows, auc, errors } = await runProgram<Results>(
    'other-realm.mjs',
    { words },
  );
  expect(here).toHaveLength(3);
  expect(there).toEqual(here);
  expect(built).toHaveLength(3);
  expect(opened).toEqual(built);
  expect({ rows, auc }).toEqual({ rows: 2, auc: 1 });
  expect(errors).toEqual({
    file: ['ERR_KLEIO_FILE', 'KleioError', true],
    argument: ['ERR_KLEIO_ARGUMENT', 'TypeError', true],
    range: ['ERR_KLEIO_RANGE', 'RangeError', true],
    closed: ['ERR_KLEIO_CLOSED', 'KleioError', true],
    notFinite: ['ERR_KLEIO_NOT_FINITE', 'RangeError', true],
    format: ['ERR_KLEIO_FORMAT', 'KleioError', true],
    aborted: ['ERR_KLEIO_ARGUMENT', 'TypeError', true],
  });
});
