#!/usr/bin/env bash
# Everything that needs a GPU: the promises about results with fresh seeds, the kernels under
# compute-sanitizer, the times beside PyTorch, one table.
#
#   bench/gpu.sh [build] [check] [sanitize] [measure]        nothing said: all four
#
# Each stage ends within KLEIO_GPU_SECONDS (default 540). What there was no time for is said, and done
# when the stage is asked for again; `build` starts afresh. Needs nvcc, g++, CMake 3.20 and Node.js 20
# or later (NODE names one that is not on the path); without a network also node_modules: docs/cuda.md
# says how to bring both. PyTorch is measured where `python3 -c 'import torch'` works.
# Exit status: 0 all passed, 1 something failed, 2 usage or a missing tool, 3 there was no time for all.
# Logs: .cache/gpu. Results: bench/results/gpu.json, written anew by every call.
set -euo pipefail
usage=$(sed -n '2,14p' "$0")
node=${NODE:-$(command -v node || true)}
[[ -n $node ]] && node=$(readlink -f "$node")
cd "$(dirname "$0")/.."

say() { echo "bench/gpu.sh: $*" >&2; }
[[ -n $node && -x $node ]] || { say 'there is no Node.js; NODE names one'; exit 2; }
stages=("$@")
[[ $# -gt 0 ]] || stages=(build check sanitize measure)
for stage in "${stages[@]}"; do
  case $stage in build | check | sanitize | measure) ;; *) echo "$usage" >&2; exit 2 ;; esac
done

export PATH="$(dirname "$node"):$PATH:${CUDA_HOME:-/usr/local/cuda}/bin"
export KLEIO_BINARY=$PWD/build-cuda/Release/kleio.node
export KLEIO_SEED=${KLEIO_SEED:-$RANDOM}
out=.cache/gpu
mkdir -p "$out/jobs"

# job NAME COMMAND...: runs it in what is left of the stage's time, unless it has passed before.
job() {
  local name=$1 began=$SECONDS left=$((deadline - SECONDS)) status=0 outcome=passed
  shift
  grep -qs '"passed"' "$out/jobs/$name.json" && return
  if ((left < 5)); then
    outcome='no time'
  else
    echo "== $name"
    timeout --kill-after=10 "$left" "$@" >"$out/$name.log" 2>&1 || status=$?
    case $status in 0) ;; 124 | 137) outcome='no time' ;; *) outcome=failed ;; esac
    [[ $outcome == passed ]] || tail -n 30 "$out/$name.log"
  fi
  note "$name" "$outcome" $((SECONDS - began))
}
note() {
  echo "   $1: $2"
  printf '{"job": "%s", "outcome": "%s", "seconds": %d, "seed": "%s"}\n' "$@" "$KLEIO_SEED" \
    >"$out/jobs/$1.json"
}
# json NAME COMMAND...: a job whose output is a result.
json() {
  local name=$1
  shift
  job "$name" bash -c '"$@" >"$0.part" && mv "$0.part" "$0"' "$out/$name.json" "$@"
}

build() {
  rm -rf "$out" && mkdir -p "$out/jobs"
  if [[ ! -d node_modules ]]; then
    job packages npm ci --no-audit --no-fund
  fi
  job addon "$node" native/tools/build-cuda.mjs
  job types "$node" node_modules/typescript/bin/tsc -p tsconfig.build.json
  job library "$node" esbuild.config.mjs
  job kernel-tests native/test-kernels.sh gpu-build
}

# The suite that the CPU passes, bit for bit: about 12 000 small searches and a hundred long ones, a
# tie-heavy one a hundred times, histories that change under running searches, workers.
check() {
  export KLEIO_TEST_DEVICE=cuda:0 KLEIO_TEST_SCALE=5 KLEIO_TEST_EXTENT=all
  local vitest=("$node" node_modules/vitest/vitest.mjs run) section part
  for section in bounds margins misordered repeats compactions graphs overflows lists searches; do
    job "kernels-$section" native/test-kernels.sh gpu "$section" "$KLEIO_SEED"
  done
  for part in 1 2 3 4 5 6 7 8; do
    job "promises-$part" "${vitest[@]}" --project device --shard "$part/8"
  done
}

# initcheck does not know what the host writes to managed memory, which the kernels' own tests use.
sanitize() {
  if ! command -v compute-sanitizer >/dev/null; then
    note sanitize 'no compute-sanitizer' 0
    return
  fi
  export KLEIO_TEST_DEVICE=cuda:0
  local tool section checker
  for tool in memcheck racecheck synccheck; do
    checker="compute-sanitizer --tool $tool --error-exitcode 1"
    for section in searches overflows compactions; do
      job "$tool-$section" env CHECKER="$checker" native/test-kernels.sh gpu "$section" "$KLEIO_SEED" 16
    done
  done
  # The ranking kernels and the host's side, by one request.
  for tool in memcheck racecheck synccheck initcheck; do
    job "$tool-ranking" compute-sanitizer --tool "$tool" --error-exitcode 1 \
      "$node" bench/gpu/one_request.mjs
  done
}

measure() {
  local bench=("$node" dist/cli.js bench --json --device cuda:0) dtype length on
  local int8=(--dtype int8 --dim 128 --k 50)
  json kernels native/test-kernels.sh gpu-times
  for dtype in int8 bfloat16 float32; do
    for length in 10000 100000 1000000; do
      json "search-$dtype-$length" "${bench[@]}" search --dtype "$dtype" --dim 128 --k 50 \
        --targets 1,16,100,1000,2000 --length "$length"
    done
  done
  json search-k "${bench[@]}" search --dtype int8 --dim 128 --k 1024 --targets 1000 --length 100000
  # The shapes of one request after the other, with graphs and step by step, in one launch and in two.
  for on in 1 0; do
    json "search-graphs-$on" env KLEIO_CUDA_GRAPHS=$on "${bench[@]}" search "${int8[@]}" \
      --targets 1,100,1000 --length 100000
    json "rank-graphs-$on" env KLEIO_CUDA_GRAPHS=$on "${bench[@]}" rank --targets 100,1000 \
      --length 100000
  done
  for on in 0 8; do
    json "one-launch-$on" env KLEIO_CUDA_ONE_LAUNCH=$on "${bench[@]}" search "${int8[@]}" \
      --targets 1,2,4,8 --length 1000,10000,100000
  done
  if python3 -c 'import torch; assert torch.cuda.is_available()' 2>/dev/null; then
    json torch python3 bench/gpu/torch_peers.py
  else
    note torch 'no PyTorch with CUDA: no floors, no peers' 0
  fi
}

for stage in "${stages[@]}"; do
  deadline=$((SECONDS + ${KLEIO_GPU_SECONDS:-540}))
  if [[ $stage != build ]]; then
    [[ -e $KLEIO_BINARY && -e dist/cli.js ]] || { say "nothing is built: $0 build"; exit 2; }
    "$node" -e 'process.exit(require("./dist").inspect().cuda.available ? 0 : 1)' ||
      { "$node" dist/cli.js inspect || true; say 'there is no GPU that kleio can use'; exit 2; }
  fi
  # Settings of one stage stay its own.
  (echo "== $stage, KLEIO_SEED=$KLEIO_SEED"; "$stage")
done

[[ ! -d node_modules ]] || "$node" bench/gpu/report.mjs "$out" bench/results/gpu.json
outcomes=$(cat "$out"/jobs/*.json)
if grep -q '"failed"' <<<"$outcomes"; then exit 1; fi
if grep -q '"no time"' <<<"$outcomes"; then exit 3; fi
