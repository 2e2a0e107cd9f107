/**
 * Before every test file: a run under a sanitizer, which KLEIO_TEST_SANITIZER names, tests what it instruments,
 * one for another processor, KLEIO_TEST_ARCH, runs on it.
 */
import { inspect } from 'kleio';

const sanitizer = process.env.KLEIO_TEST_SANITIZER;
if (sanitizer) {
  const { binary, compiler } = inspect();
  if (!compiler?.includes(`-fsanitize=${sanitizer}`)) {
    throw new Error(`KLEIO_TEST_SANITIZER=${sanitizer}: ${binary} was compiled by ${compiler}`);
  }
}

const arch = process.env.KLEIO_TEST_ARCH;
if (arch && arch !== process.arch) {
  throw new Error(`KLEIO_TEST_ARCH=${arch}: this process runs on ${process.arch}`);
}
