#!/bin/sh
# Builds the native code under sanitizers, outside build/, and runs what is asked for.
#
#   native/sanitize.sh build-asan | build-tsan        all binaries of a kind, compiled side by side
#   native/sanitize.sh stress-asan [ROUNDS [SEED]]    core, kernels and device: ASan with leaks, and UBSan
#   native/sanitize.sh stress-tsan [ROUNDS [SEED]]    core, kernels and device: TSan
#   native/sanitize.sh kernels-asan [COMMAND...]      the kernels of the CUDA backend in software: ASan and UBSan
#   native/sanitize.sh asan [COMMAND...]              the addon in Node.js: ASan and UBSan
#   native/sanitize.sh tsan [COMMAND...]              the addon in Node.js: TSan
#   native/sanitize.sh device-asan [COMMAND...]       the addon over a software device: ASan and UBSan
#   native/sanitize.sh device-tsan [COMMAND...]       the addon over a software device: TSan
#
# COMMAND is run with KLEIO_BINARY naming the instrumented addon (KLEIO_KERNEL_TESTS the program of
# kernels-asan). Without one it is the tests of what that binary instruments: not those of packaging, which
# need the real binary, nor of memory, which sanitizers use freely. What is not instrumented is not run.
set -eu
cd "$(dirname "$0")/.."

usage='usage: native/sanitize.sh build-asan|build-tsan|[stress-|kernels-|device-]asan|[stress-|device-]tsan ...'
mode=${1:?$usage}
shift
case $mode in
  build-asan | stress-asan | kernels-asan | asan | device-asan)
    folder=build-asan sanitizer=address sanitize=address,undefined library=libasan.so entry=__asan_init ;;
  build-tsan | stress-tsan | tsan | device-tsan)
    folder=build-tsan sanitizer=thread sanitize=thread library=libtsan.so entry=__tsan_init ;;
  *) echo "$usage" >&2; exit 2 ;;
esac
case $mode in
  stress-tsan) targets=stress program=stress rounds=20 ;;
  build-asan) targets='kleio kleio_software stress kernel_tests' ;;
  build-tsan) targets='kleio kleio_software stress' ;;
  stress-*) targets=stress program=stress rounds=100 ;;
  kernels-*) targets=kernel_tests program=kernel_tests ;;
  device-*) targets=kleio_software program=kleio_software.node ;;
  *) targets=kleio program=kleio.node ;;
esac

mkdir -p "$folder"
exec 9>"$folder/lock"
flock 9 # steps that run beside each other build one after the other
node -e "import('./native/tools/node-gyp.mjs').then(({ buildNative }) =>
  buildNative('$targets'.split(' '), { folder: '$folder', sanitize: '$sanitize' }))" 9>&-
exec 9>&-
[ "${mode#build-}" = "$mode" ] || exit 0

# A step proves nothing with a binary that is not instrumented.
program=$PWD/$folder/build/Release/$program
if ! nm -D --undefined-only "$program" | grep -qw "$entry"; then
  echo "$mode: $program is not instrumented: it does not call $entry" >&2
  exit 1
fi

export ASAN_OPTIONS="${ASAN_OPTIONS:-halt_on_error=1:abort_on_error=1}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-halt_on_error=1:print_stacktrace=1}"
# TSan's shadow memory needs the addresses that a process gets without randomisation.
run() { setarch "$(uname -m)" -R "$@"; }
tests() { echo node node_modules/vitest/vitest.mjs run "$@"; }

case $mode in
  stress-*)
    [ $# -gt 0 ] || set -- $rounds
    export TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1"
    run "$program" "$@"
    exit
    ;;
  kernels-*)
    [ $# -gt 0 ] || set -- $(tests --project promises test/search-kernels)
    KLEIO_KERNEL_TESTS=$program run "$@"
    exit
    ;;
  device-asan)
    # The rest of test/device asks for more of the kernels, which kernels-asan runs without an addon around them.
    [ $# -gt 0 ] || set -- $(tests test/device/faults test/device/one-launch test/device/residency test/device/survey \
      test/device/shared test/device/workers test/golden test/history-build)
    export KLEIO_TEST_DEVICE=cuda:0
    ;;
  device-tsan)
    [ $# -gt 0 ] || set -- $(tests test/device/residency test/device/shared test/device/workers test/history-build)
    export KLEIO_TEST_DEVICE=cuda:0
    ;;
  asan)
    [ $# -gt 0 ] || set -- $(tests test/boundaries test/canonical-score test/determinism test/exact test/extended test/golden \
      test/grown test/history test/lifetime test/many test/ranker test/shared test/short test/table test/tree test/workers)
    ;;
  tsan)
    [ $# -gt 0 ] || set -- $(tests test/history-life test/lifetime test/shared test/workers test/many)
    ;;
esac
# The tests look at the binary that they have loaded: test/cases/instrumented.ts.
export KLEIO_BINARY=$program KLEIO_TEST_SANITIZER=$sanitizer
# Leaks of Node.js cannot be told from ours here; stress-asan looks for ours.
export ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0"
# Node.js is not instrumented: TSan misses how V8 and libuv synchronise within themselves and reports
# them. A report is ours if a racing access, or the libc call that made it, is. Not so one of a descriptor that
# libuv made: it closes by bare system calls, so TSan takes the next file of that number for the same.
reports=$PWD/$folder/$mode-report
rm -f "$reports".*
export TSAN_OPTIONS="halt_on_error=0:exitcode=0:log_path=$reports"
status=0
LD_PRELOAD=$(${CXX:-g++} -print-file-name=$library) run "$@" || status=$?
if cat "$reports".* 2>/dev/null |
  awk -v RS='==================\n' '
    /Location is file descriptor [^\n]*\n[^\n]*\n *#1 uv_/ { next }
    /#[01] [^\n]*kleio/ { print; ours = 1 }
    END { exit !ours }'; then
  echo "$mode: the reports above are of kleio" >&2
  exit 1
fi
exit $status
