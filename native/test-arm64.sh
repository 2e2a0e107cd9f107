#!/bin/sh
# Compiles the addon for arm64 and tests it on Node.js for arm64 under QEMU, outside build/.
#
#   native/test-arm64.sh missing            names what this machine lacks for that: prints nothing where it can
#   native/test-arm64.sh build              build-arm64/build/Release/kleio.node
#   native/test-arm64.sh test [ARGUMENT...] its tests, or those that arguments of vitest name
#
# vitest itself runs on this machine; its workers, and every Node.js that a test starts, run on arm64.
set -eu
cd "$(dirname "$0")/.."

# The first of the compilers that is there; unversioned, it is the system's.
find_compiler() {
  for version in '' -14 -13 -12; do
    if command -v "aarch64-linux-gnu-$1$version"; then return; fi
  done
}

missing() {
  [ -n "$(find_compiler g++)" ] || echo g++-aarch64-linux-gnu
  command -v qemu-aarch64 >/dev/null || echo qemu-user
  node native/tools/arm64/bring-node.mjs >/dev/null 2>&1 || echo "npm's registry"
}

usage='usage: native/test-arm64.sh missing | build | test [ARGUMENT...]'
mode=${1:?$usage}
shift
case $mode in
  missing) missing ;;
  build)
    CC=$(find_compiler gcc) CXX=$(find_compiler g++) AR=aarch64-linux-gnu-ar node -e \
      "import('./native/tools/node-gyp.mjs').then(({ buildNative }) =>
        buildNative(['kleio'], { folder: 'build-arm64', arch: 'arm64' }))"
    ;;
  test)
    node native/tools/arm64/bring-node.mjs
    # An emulated processor takes its time: the fewest random cases, and not what starts one process after another,
    # calls programs of this machine's processor, limits the memory that the emulator is in, or times what is JavaScript.
    export KLEIO_TEST_SCALE="${KLEIO_TEST_SCALE:-0.05}"
    # Options alone leave the choice of tests to this script.
    case ${1:--} in
      -*)
        set -- test/golden test/canonical-score test/exactness test/boundaries "$@"
        KLEIO_TEST_EXCLUDE=$(printf 'test/boundaries/%s.test.ts,' \
          binaries bundles chosen-ids damaged-files environment hostile-headers limits permissions realms)
        export KLEIO_TEST_EXCLUDE="${KLEIO_TEST_EXCLUDE%,}"
        ;;
    esac
    # Every test process looks at what it runs on: test/cases/instrumented.ts.
    export KLEIO_BINARY=$PWD/build-arm64/build/Release/kleio.node KLEIO_TEST_ARCH=arm64
    exec node --require ./native/tools/arm64/exec-path.cjs node_modules/vitest/vitest.mjs run "$@"
    ;;
  *) echo "$usage" >&2; exit 2 ;;
esac
