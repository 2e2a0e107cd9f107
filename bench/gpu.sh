#!/usr/bin/env bash
# What only a GPU can tell, in stages that each end by themselves:
#
#   bench/gpu.sh contact [--seconds N]    does it work at all, and how fast are the parts
#   bench/gpu.sh correct [--seconds N]    the bits of the definition: kernels, then what the CPU promises
#   bench/gpu.sh record [--seconds N]     the times, beside PyTorch
#   bench/gpu.sh inspect [--seconds N]    under compute-sanitizer and ncu
#   bench/gpu.sh cpu [--seconds N]        the tests of the CPU with this binary; needs no GPU
#   bench/gpu.sh report [ARCHIVE...]      what is known so far, as tables and as a record
#
# Of each GPU one archive, KLEIO_GPU_OUT/kleio-GPU.tar.gz (by default in gpu-results of the checkout), holds
# all that is known of it; it is renewed after every job, and the next call goes on from it. Exit status: 0
# all passed, but for what needs a tool that is not there; 1 something failed; 2 usage, or there is no GPU;
# 3 there was no time for all.
#
# In a checkout: after `npm run build && npm run build:cuda -- --programs`. On a machine without Node.js,
# nvcc or a network: from a kit (docs/cuda.md), which calls this.
set -euo pipefail
export KLEIO_GPU_CALLED_FROM=$PWD
# As nvidia-smi numbers them.
export CUDA_DEVICE_ORDER=PCI_BUS_ID
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [[ -x ./node ]]; then
  node=$PWD/node # of the kit
else
  node=$(command -v node) || { echo 'bench/gpu.sh: there is no Node.js; a kit brings it' >&2; exit 2; }
fi
export PATH="$(dirname "$node"):$PATH:${CUDA_HOME:-/usr/local/cuda}/bin"
exec "$node" --import tsx bench/gpu/main.ts "$@"
