#!/bin/sh
# Builds native code for a debugger, outside build/: the same flags, but -Og and with debug information.
#
#   native/debug.sh [TARGET...]      by default kleio; kleio_software, kernel_tests and stress likewise
#
# What it makes lies in build-debug/build/Release.
set -eu
cd "$(dirname "$0")/.."

[ $# -gt 0 ] || set -- kleio
# node-gyp knows one build folder per project, so this build is a project of links.
mkdir -p build-debug
for part in binding.gyp package.json native; do ln -sfn "../$part" "build-debug/$part"; done
CXXFLAGS='-Og -g -UNDEBUG' exec node -e "import('./native/tools/node-gyp.mjs').then(({ buildNative }) =>
  buildNative('$*'.split(' '), { folder: 'build-debug' }))"
