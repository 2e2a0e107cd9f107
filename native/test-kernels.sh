#!/bin/sh
# Runs one section of the tests of the CUDA kernels: block-maps, plans, fragments, wgmma, wgmma-rules,
# bounds, margins, lists, overflows, searches, misordered, repeats, compactions, tiers,
# float-functions, rank-plans, surveys, threshold-board or graphs.
#
#   native/test-kernels.sh SECTION [SEED [CASES]]           over the software policy, which needs no GPU:
#                                                           KLEIO_KERNEL_TESTS names the program, by default
#                                                           what `npm run build:tests` makes
#   native/test-kernels.sh gpu-build                        on a GPU; building needs nvcc alone
#   native/test-kernels.sh gpu SECTION [SEED [CASES]]       CHECKER names a program to run it under
#   native/test-kernels.sh gpu-times [ROWS TARGETS DIM K DTYPE]   times the kernels, graphs replayed
set -eu
cd "$(dirname "$0")/.."

sources="native/core/error.cc native/core/quantise.cc native/core/simtier.cc
  native/cuda/device/device_survey.cc native/cuda/request/rank_plan.cc native/cuda/request/search_plan.cc
  native/cuda/software/software_mma.cc native/cuda/software/software_warpgroups.cc
  native/cuda/software/software_wgmma.cc native/cuda/residency/scaled_codes.cc
  native/cuda/residency/table_encoding.cc native/cuda/request/target_encoding.cc
  $(ls native/kernel_tests/*.cc | grep -v -e /search_kernels -e /graphs -e /software_ -e /gpu_)"
tests="native/kernel_tests/search_kernels.cc native/kernel_tests/graphs.cc
  native/cuda/device/device_memory.cc native/cuda/device/graph_cache.cc native/cuda/device/lane.cc
  native/cuda/device/upload_ring.cc"
gpu_sources="native/cuda/kernels/search_launch.cc native/kernel_tests/gpu_runner.cu
  $(ls native/cuda/kernels/search_kernels_*.cu native/cuda/kernels/scan_and_select_kernels_*.cu)
  $(ls native/cuda/kernels/append_kernels_*.cu) native/cuda/kernels/wgmma_append_kernels.cu
  native/cuda/kernels/threshold_kernel.cu"
gpu_tests="native/cuda/device/cuda_device.cc native/kernel_tests/gpu_test_device.cc"

# build PROGRAM COMPILER SOURCE...: compiles what is older than its source or than any header.
build() {
  program=$1 compiler=$2
  folder=${program%/*}
  shift 2
  mkdir -p "$folder"
  newest=$(ls -t $(find native/core native/cuda native/kernel_tests -name '*.h' -o -name '*.cuh') | head -1)
  for source in "$@"; do
    object=$folder/$(echo "$source" | tr / _).o
    if [ ! -e "$object" ] || [ "$source" -nt "$object" ] || [ "$newest" -nt "$object" ]; then
      echo "$source $object"
    fi
  done | xargs -r -P "$(nproc)" -n 2 sh -c "$compiler -Inative -c \"\$0\" -o \"\$1\""
  objects=$(for source in "$@"; do echo "$folder/$(echo "$source" | tr / _).o"; done)
  $compiler $objects -o "$program"
}

build_gpu() {
  nvcc=$(command -v nvcc || echo "${CUDA_HOME:-/usr/local/cuda}/bin/nvcc")
  compiler="$nvcc -std=c++20 -O2 -lineinfo -Werror all-warnings -Xcompiler -ffp-contract=off \
    -gencode arch=compute_80,code=sm_80 -gencode arch=compute_90a,code=sm_90a \
    -gencode arch=compute_80,code=compute_80"
  build build-kernels-gpu/search_kernels "$compiler" $sources $tests $gpu_sources $gpu_tests
  build build-kernels-gpu/times "$compiler" $sources bench/native/search_kernels.cu $gpu_sources
}

# Runs a built program, building it first where that was not done.
run_gpu() {
  [ -x "$1" ] || build_gpu
  exec ${CHECKER:-} "$@"
}

usage='usage: native/test-kernels.sh gpu-build | [gpu] SECTION [SEED [CASES]] | gpu-times [...]'
case ${1:?$usage} in
  gpu-build) build_gpu ;;
  gpu)
    shift
    run_gpu build-kernels-gpu/search_kernels "$@"
    ;;
  gpu-times)
    shift
    run_gpu build-kernels-gpu/times "$@"
    ;;
  *) exec "${KLEIO_KERNEL_TESTS:-build/Release/kernel_tests}" "$@" ;;
esac
