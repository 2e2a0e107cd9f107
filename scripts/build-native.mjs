// Builds the addon into build/Release, compiling only what changed.
import { parallelJobs, runPackage } from './node-gyp.mjs';

runPackage('node-gyp/bin/node-gyp.js', ['configure', '--loglevel=warn']);
runPackage('node-gyp/bin/node-gyp.js', ['build', '--loglevel=warn', '-j', parallelJobs]);
