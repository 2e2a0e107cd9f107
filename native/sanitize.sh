#!/bin/sh
# Builds the native code under sanitizers, outside build/, and runs what is asked for.
#
#   native/sanitize.sh stress-asan [SECONDS [SEED]]   core and kernels: ASan with leaks, and UBSan
#   native/sanitize.sh stress-tsan [SECONDS [SEED]]   core and kernels: TSan
#   native/sanitize.sh asan [COMMAND...]              the addon in Node.js: ASan and UBSan
#   native/sanitize.sh tsan [COMMAND...]              the addon in Node.js: TSan
#   native/sanitize.sh device-asan [COMMAND...]       the addon over a software device: ASan and UBSan
#   native/sanitize.sh device-tsan [COMMAND...]       the addon over a software device: TSan
#
# COMMAND is run with KLEIO_BINARY naming the instrumented addon; without one it is the test suite but
# for the tests of packaging, which need the real binary, and of memory, which sanitizers use freely.
set -eu
cd "$(dirname "$0")/.."

mode=${1:?usage: native/sanitize.sh stress-asan|stress-tsan|asan|tsan ...}
shift
case $mode in
  *asan) sanitize=address,undefined library=libasan.so ;;
  *tsan) sanitize=thread library=libtsan.so ;;
  *) echo "unknown mode $mode" >&2; exit 2 ;;
esac
folder=build-$mode
case $mode in
  device-*) device=software ;;
  *) device=none ;;
esac
mkdir -p "$folder"

export ASAN_OPTIONS="${ASAN_OPTIONS:-halt_on_error=1:abort_on_error=1}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-halt_on_error=1:print_stacktrace=1}"
# TSan's shadow memory needs the addresses that a process gets without randomisation.
run() { setarch "$(uname -m)" -R "$@"; }

build_stress() {
  sources=$(node -p "JSON.parse(fs.readFileSync('native/sources.gypi')).variables.kleio_sources
    .filter((path) => !path.startsWith('native/addon/')).join('\n')")
  for source in $sources native/stress/stress.cc; do
    object=$folder/$(echo "$source" | tr / _).o
    echo "$source $object"
  done | xargs -P "$(nproc)" -n 2 sh -c '
    ${CXX:-g++} -std=c++20 -O1 -g -fno-omit-frame-pointer -ffp-contract=off -Inative \
      -fsanitize='"$sanitize"' -c "$0" -o "$1"'
  ${CXX:-g++} -fsanitize=$sanitize "$folder"/native_*.o -o "$folder/stress" -pthread
}

# node-gyp knows one build folder per project, so the instrumented build is a project of links.
build_addon() {
  for part in binding.gyp package.json native; do ln -sfn "../$part" "$folder/$part"; done
  node -e "import('./native/tools/node-gyp.mjs').then(({ runPackage }) => {
    const gyp = 'node-gyp/bin/node-gyp.js', place = ['-C', '$folder'];
    const device = '-Dkleio_device=$device';
    runPackage(gyp, ['configure', ...place, '--', '-Dkleio_sanitize=$sanitize', device]);
    runPackage(gyp, ['build', ...place]);
  })"
}

case $mode in
  stress-*)
    build_stress
    TSAN_OPTIONS="halt_on_error=1:second_deadlock_stack=1" run "$folder/stress" "$@"
    ;;
  *)
    build_addon
    if [ "$device" = software ]; then
      export KLEIO_TEST_DEVICE=cuda:0
      [ $# -gt 0 ] || set -- node node_modules/vitest/vitest.mjs run --project device --testTimeout 1500000 test/device \
        test/golden test/many
    fi
    [ $# -gt 0 ] || set -- node node_modules/vitest/vitest.mjs run --testTimeout 1500000 test/boundaries test/determinism \
      test/documentation test/exact test/golden test/lifetime test/ranker test/tree test/workers
    export KLEIO_BINARY="$PWD/$folder/build/Release/kleio.node"
    # Leaks of Node.js cannot be told from ours here; stress-asan looks for ours.
    export ASAN_OPTIONS="$ASAN_OPTIONS:detect_leaks=0"
    # Node.js is not instrumented: TSan misses how V8 and libuv synchronise within themselves and
    # reports them. A report is ours if a racing access, or the libc call that made it, is.
    rm -f "$folder"/report.*
    export TSAN_OPTIONS="halt_on_error=0:exitcode=0:log_path=$PWD/$folder/report"
    status=0
    LD_PRELOAD=$(${CXX:-g++} -print-file-name=$library) run "$@" || status=$?
    if cat "$folder"/report.* 2>/dev/null |
      awk -v RS='==================\n' '/#[01] [^\n]*kleio/ { print; ours = 1 } END { exit !ours }'; then
      echo "$mode: the reports above are of kleio" >&2
      exit 1
    fi
    exit $status
    ;;
esac
