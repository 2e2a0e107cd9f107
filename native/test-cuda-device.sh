#!/bin/sh
# Tests what a CUDA device makes of its driver's answers, over a runtime that a test plays. Needs the
# headers of CUDA, but no GPU, no driver and no nvcc.
#
#   native/test-cuda-device.sh PROGRAM     builds PROGRAM and runs it
set -eu
cd "$(dirname "$0")/.."

program=${1:?usage: native/test-cuda-device.sh PROGRAM}
nvcc=$(command -v nvcc || echo "${CUDA_HOME:-/usr/local/cuda}/bin/nvcc")
include=$(dirname "$(dirname "$(readlink -f "$nvcc")")")/include
[ -e "$include/cuda_runtime_api.h" ] || include=${CUDA_HOME:-/usr/local/cuda}/include

${CXX:-g++} -std=c++20 -O1 -Wall -Wextra -Wconversion -Werror -Inative -isystem "$include" -o "$program" \
  native/core/error.cc native/cuda/device/cuda_device.cc native/cuda/device/cuda_memory.cc \
  native/cuda/device/device_errors.cc native/runtime_tests/*.cc
exec "$program"
