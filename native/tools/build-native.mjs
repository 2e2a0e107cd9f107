// Builds the addon into build/Release, compiling only what changed.
import { runPackage } from './node-gyp.mjs';

runPackage('node-gyp/bin/node-gyp.js', ['configure']);
runPackage('node-gyp/bin/node-gyp.js', ['build']);
