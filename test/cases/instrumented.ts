/** Before every test file: a run under a sanitizer, which KLEIO_TEST_SANITIZER names, tests what it instruments. */
import { inspect } from 'kleio';

const sanitizer = process.env.KLEIO_TEST_SANITIZER;
if (sanitizer) {
  const { binary, compiler } = inspect();
  if (!compiler?.includes(`-fsanitize=${sanitizer}`)) {
    throw new Error(`KLEIO_TEST_SANITIZER=${sanitizer}: ${binary} was compiled by ${compiler}`);
  }
}
