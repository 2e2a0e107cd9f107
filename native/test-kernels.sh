#!/bin/sh
# Builds the tests of the CUDA kernels that need no GPU, under ASan and UBSan, outside build/, and
# runs one section: block-maps, plans, fragments, bounds, margins, searches, misordered,
# compactions, tiers, float-functions or rank-plans.
#
#   native/test-kernels.sh build
#   native/test-kernels.sh SECTION [SEED [CASES]]
set -eu
cd "$(dirname "$0")/.."

folder=build-kernels
program=$folder/search_kernels
sources="native/core/error.cc native/core/quantise.cc native/core/simtier.cc
  native/cuda/rank_plan.cc
  native/cuda/search_plan.cc native/cuda/software_mma.cc native/cuda/software_search_kernels.cc
  native/cuda/table_encoding.cc native/cuda/target_encoding.cc
  $(echo native/kernel_tests/*.cc)"

# Only objects older than a source of native/ that they may include are compiled again.
build() {
  mkdir -p "$folder"
  newest=$(ls -t $(find native/core native/cuda native/kernel_tests -name '*.h' -o -name '*.cuh') | head -1)
  for source in $sources; do
    object=$folder/$(echo "$source" | tr / _).o
    if [ ! -e "$object" ] || [ "$source" -nt "$object" ] || [ "$newest" -nt "$object" ]; then
      echo "$source $object"
    fi
  done | xargs -r -P "$(nproc)" -n 2 sh -c '
    ${CXX:-g++} -std=c++20 -O1 -g -Wall -Wextra -Wconversion -Werror -fno-omit-frame-pointer \
      -ffp-contract=off -Inative -fsanitize=address,undefined -fno-sanitize-recover=undefined \
      -c "$0" -o "$1"'
  ${CXX:-g++} -fsanitize=address,undefined "$folder"/*.o -o "$program"
}

if [ "${1:?usage: native/test-kernels.sh build|SECTION [SEED [CASES]]}" = build ]; then
  build
else
  [ -x "$program" ] || build
  exec "$program" "$@"
fi
