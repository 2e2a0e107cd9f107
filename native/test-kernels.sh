#!/bin/sh
# Runs one section of the tests of the CUDA kernels: block-maps, plans, fragments, wgmma, wgmma-rules,
# bounds, margins, lists, overflows, searches, misordered, repeats, compactions, tiers,
# float-functions, rank-plans, surveys, threshold-board, graphs, device-errors or device-rules.
#
#   native/test-kernels.sh SECTION [SEED [CASES]]           over the software policy, which needs no GPU:
#                                                           KLEIO_KERNEL_TESTS names the program, by default
#                                                           what `npm run build:tests` makes
#   native/test-kernels.sh gpu SECTION [SEED [CASES]]       on a GPU; CHECKER names a program to run it under
#   native/test-kernels.sh gpu-times [SHAPE ...]            times the kernels, graphs replayed
#   native/test-kernels.sh gpu-build                        builds what the two need: needs no GPU
set -eu
cd "$(dirname "$0")/.."

# run_gpu PROGRAM ARGUMENT...: runs what `npm run build:cuda -- --programs` makes.
run_gpu() {
  program=build-cuda/Release/$1
  shift
  if [ ! -x "$program" ]; then
    echo "$program does not exist; build it with: npm run build:cuda -- --programs" >&2
    exit 2
  fi
  exec ${CHECKER:-} "$program" "$@"
}

usage='usage: native/test-kernels.sh gpu-build | [gpu] SECTION [SEED [CASES]] | gpu-times [SHAPE ...]'
case ${1:?$usage} in
  gpu-build) exec "${NODE:-node}" native/tools/build-cuda.mjs --programs ;;
  gpu)
    shift
    run_gpu gpu_kernel_tests "$@"
    ;;
  gpu-times)
    shift
    run_gpu search_times "$@"
    ;;
  *) exec "${KLEIO_KERNEL_TESTS:-build/Release/kernel_tests}" "$@" ;;
esac
