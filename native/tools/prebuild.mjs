// Builds the binary that the published package carries: prebuilds/<platform>-<arch>/kleio.node.
import { runPackage } from './node-gyp.mjs';

runPackage('prebuildify/bin.js', ['--napi', '--strip']);
