#!/bin/sh
# Compiles with Clang all that a machine without a GPU can, outside build/, and tests it. It optimises little
# and keeps the assertions.
#
#   native/test-clang.sh missing              names what this machine lacks for that: prints nothing where it can
#   native/test-clang.sh build                build-clang/build/Release: the addons, kernel_tests and stress
#   native/test-clang.sh test [ARGUMENT...]   exactness and the kernels in software, or what arguments of vitest name
set -eu
cd "$(dirname "$0")/.."

least=14
# The system's own if it is new enough, or the first of those that say their version.
find_compiler() {
  for version in '' -20 -19 -18 -17 -16 -15 -14; do
    major=$("$1$version" -dumpversion 2>/dev/null | cut -d. -f1) || continue
    if [ "${major:-0}" -ge $least ]; then echo "$1$version" && return; fi
  done
}

# Requests that come again are known by the bytes of their parameters (native/cuda/device/device_work.h), which
# takes a compiler that clears padding: otherwise equal ones may look different, which is slower and never wrong.
clears_padding() {
  printf '#if !__has_builtin(__builtin_clear_padding)\n#error\n#endif\n' |
    "$(find_compiler clang++)" -x c++ -fsyntax-only - 2>/dev/null
}

usage='usage: native/test-clang.sh missing | build | test [ARGUMENT...]'
mode=${1:?$usage}
shift
case $mode in
  missing) [ -n "$(find_compiler clang++)" ] || echo "clang $least or later" ;;
  build)
    # A macro that is undefined again and a lower level: both stand after those of binding.gyp.
    CC=$(find_compiler clang) CXX=$(find_compiler clang++) CXXFLAGS='-O1 -UNDEBUG' node -e \
      "import('./native/tools/node-gyp.mjs').then(({ buildNative }) =>
        buildNative(['kleio', 'kleio_software', 'kernel_tests', 'stress'], { folder: 'build-clang' }))"
    ;;
  test)
    made=$PWD/build-clang/build/Release
    export KLEIO_BINARY=$made/kleio.node KLEIO_KERNEL_TESTS=$made/kernel_tests
    # A step proves nothing with a binary of another compiler.
    compiler=$(node -p "require('./dist/index.js').inspect().compiler")
    case $compiler in *[Cc]lang*) ;; *) echo "$KLEIO_BINARY was compiled by $compiler" >&2; exit 1 ;; esac
    isa=$(node -p "require('./dist/index.js').inspect().isa")
    # Options alone leave the choice of tests to this script.
    case ${1:--} in
      -*)
        set -- --project promises --project "$isa" test/exactness test/search-kernels "$@"
        clears_padding || { echo 'left out: graphs, for this compiler leaves padding' && set -- -t '^(?!.*graphs: )' "$@"; }
        ;;
    esac
    exec node node_modules/vitest/vitest.mjs run "$@"
    ;;
  *) echo "$usage" >&2; exit 2 ;;
esac
