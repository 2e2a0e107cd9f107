#!/usr/bin/env bash
# Everything that needs a GPU, from a bare checkout: the promises about results with fresh seeds, the
# kernels under compute-sanitizer, the times beside PyTorch, one table.
#
#   bench/gpu.sh [check] [sanitize] [measure]        nothing said: all three
#
# Needs Node.js 20 or later (NODE names one that is not on the path), nvcc and CMake 3.20; no network
# where node_modules is there. KLEIO_BUILT=yes takes build-cuda and dist as they are. PyTorch is
# measured where `python3 -c 'import torch'` works. Results: bench/results/gpu.json.
set -euo pipefail
cd "$(dirname "$0")/.."

node=${NODE:-$(command -v node)}
export PATH="$(dirname "$node"):$PATH:${CUDA_HOME:-/usr/local/cuda}/bin"
export KLEIO_BINARY=$PWD/build-cuda/Release/kleio.node
seed=${KLEIO_SEED:-$RANDOM$RANDOM}
out=.cache/gpu
mkdir -p "$out"
steps=${*:-check sanitize measure}
[[ $steps =~ ^((check|sanitize|measure) ?)+$ ]] || { sed -n '2,10p' "$0" >&2; exit 2; }
wants() { [[ " $steps " == *" $1 "* ]]; }

build() {
  [[ ${KLEIO_BUILT:-} == yes ]] && return
  [[ -d node_modules ]] || npm ci --no-audit --no-fund
  "$node" native/tools/build-cuda.mjs
  "$node" node_modules/typescript/bin/tsc -p tsconfig.build.json
  "$node" esbuild.config.mjs
}

# The suite that the CPU passes, bit for bit: about 12 000 small searches and a hundred long ones, a
# tie-heavy one a hundred times, histories that change under running searches, workers.
check() {
  echo "== promises on the GPU, KLEIO_SEED=$seed"
  KLEIO_TEST_DEVICE=cuda:0 KLEIO_TEST_SCALE=5 KLEIO_SEED=$seed \
    "$node" node_modules/vitest/vitest.mjs run --project device
  KLEIO_TEST_DEVICE=cuda:0 "$node" node_modules/vitest/vitest.mjs run --project promises test/workers
  native/test-kernels.sh gpu-build
  local section
  for section in bounds margins searches lists overflows misordered repeats compactions graphs; do
    native/test-kernels.sh gpu "$section" "$seed"
  done
}

sanitize() {
  if ! command -v compute-sanitizer >/dev/null; then
    echo '== skipped: no compute-sanitizer'
    return
  fi
  native/test-kernels.sh gpu-build
  local tool section
  for tool in memcheck racecheck initcheck synccheck; do
    echo "== $tool"
    for section in searches overflows compactions; do
      CHECKER="compute-sanitizer --tool $tool --error-exitcode 1" \
        native/test-kernels.sh gpu "$section" "$seed" 40
    done
    # The ranking kernels, by the released model's answers.
    KLEIO_TEST_DEVICE=cuda:0 compute-sanitizer --tool "$tool" --error-exitcode 1 \
      --target-processes all \
      "$node" node_modules/vitest/vitest.mjs run --project device test/golden-ranker
  done
}

measure() {
  echo '== times of the search kernels alone'
  native/test-kernels.sh gpu-build
  native/test-kernels.sh gpu-times | tee "$out/kernels.jsonl"
  echo '== times'
  local kleio=("$node" dist/cli.js bench)
  for dtype in int8 bfloat16 float32; do
    "${kleio[@]}" search --device cuda:0 --dtype $dtype --dim 128 --k 50 \
      --targets 1,16,100,1000,2000 --length 10000,100000,1000000 --json >"$out/search-$dtype.json"
  done
  "${kleio[@]}" search --device cuda:0 --dtype int8 --dim 128 --k 1024 --targets 1000 \
    --length 100000 --json >"$out/search-k.json"
  # The same requests as graphs and step by step.
  local graphs
  for graphs in 1 0; do
    KLEIO_CUDA_GRAPHS=$graphs "${kleio[@]}" search --device cuda:0 --dtype int8 --dim 128 --k 50 \
      --targets 1,100,1000 --length 100000 --json >"$out/search-graphs-$graphs.json"
    KLEIO_CUDA_GRAPHS=$graphs "${kleio[@]}" rank --device cuda:0 --targets 100,1000 \
      --length 100000 --json >"$out/rank-graphs-$graphs.json"
  done
  rm -f "$out/torch.json"
  if python3 -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null; then
    python3 bench/gpu/torch_peers.py >"$out/torch.json"
  else
    echo '== skipped: no PyTorch with CUDA, so no floors and no peers'
  fi
  "$node" bench/gpu/report.mjs "$out" bench/results/gpu.json
}

build
"$node" dist/cli.js inspect
"$node" -e "process.exit(require('./dist').inspect().cuda.available ? 0 : 1)" ||
  { echo 'bench/gpu.sh: there is no GPU that kleio can use; see "cuda" above' >&2; exit 1; }
if wants check; then check; fi
if wants sanitize; then sanitize; fi
if wants measure; then measure; fi
