#!/usr/bin/env bash
# kleio on a machine with a GPU, from the kit in this folder: unpacks it once, and runs a stage.
#
#   gpu.sh contact --seconds 500     does it work at all, and how fast are the parts
#   gpu.sh correct --seconds 500     the bits of the definition
#   gpu.sh record --seconds 500      the times, beside PyTorch
#   gpu.sh inspect --seconds 500     under checkers and profilers
#
# Needs bash, tar, and xz or Python; glibc 2.34 and libstdc++ for Node.js. It unpacks into KLEIO_GPU_TREE,
# by default a folder beside this one. Archives of results that lie in this folder are taken over.
set -euo pipefail
kit=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=${KLEIO_GPU_TREE:-$kit.unpacked}

unpacked() {
  if command -v xz >/dev/null; then
    xz -dc "$1"
  else
    python3 -c 'import lzma, shutil, sys; shutil.copyfileobj(lzma.open(sys.argv[1]), sys.stdout.buffer)' "$1"
  fi
}

this=$(sha256sum <"$kit/kit.tar.xz")
if [[ $(cat "$tree/.kit" 2>/dev/null || true) != "$this" ]]; then
  rm -rf "$tree.part"
  mkdir -p "$tree.part"
  unpacked "$kit/kit.tar.xz" | tar -xf - -C "$tree.part"
  echo "$this" >"$tree.part/.kit"
  rm -rf "$tree"
  mv "$tree.part" "$tree"
fi
# Results outlive the tree.
export KLEIO_GPU_STATE=$tree.results KLEIO_GPU_KIT=$kit KLEIO_GPU_OUT=${KLEIO_GPU_OUT:-$PWD/gpu-results}
exec "$tree/bench/gpu.sh" "$@"
