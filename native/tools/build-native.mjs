// Builds the addon into build/Release, compiling only what changed.
//
//   node native/tools/build-native.mjs [TARGET...]
//
// Without a target: the package's binary, kleio.node. Targets of tests, over the same objects:
// kleio_software (kleio_software.node, with a device in host memory in place of a GPU), kernel_tests and
// stress. Where CI is set a warning is an error.
import { buildNative } from './node-gyp.mjs';

buildNative(['kleio', ...process.argv.slice(2)]);
