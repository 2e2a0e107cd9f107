"""Exact search in PyTorch, matmul then topk over rows normalised beforehand, for bench/peers/torch.mjs.

    python3 torch_search.py HISTORY DIM K THREADS DTYPE

HISTORY is a file of float32 rows. Each question on standard input is a line with the number of targets and
their float32 values; each answer a line with the milliseconds it took, positions (int64) and scores (float32).
The time begins with the targets in host memory and ends with the answer there: what a service would wait.
"""

import json
import sys
import time

import numpy
import torch


def synchronise(device):
    if device.type == "cuda":
        torch.cuda.synchronize(device)


@torch.inference_mode()
def search(history, targets, k, device):
    scores, positions = torch.topk(targets.to(device, history.dtype) @ history, k, dim=1)
    return positions.cpu(), scores.float().cpu()


def main(path, dim, k, threads, dtype):
    torch.set_num_threads(threads)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    rows = torch.from_numpy(numpy.fromfile(path, numpy.float32).reshape(-1, dim))
    history = rows.to(device, getattr(torch, dtype)).T.contiguous()
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu"
    print(json.dumps({"torch": torch.__version__, "device": name}), flush=True)
    for question in iter(sys.stdin.buffer.readline, b""):
        count = int(question)
        values = bytearray(sys.stdin.buffer.read(count * dim * 4))
        targets = torch.frombuffer(values, dtype=torch.float32).reshape(count, dim)
        synchronise(device)
        begun = time.perf_counter()
        positions, scores = search(history, targets, k, device)
        synchronise(device)
        elapsed = (time.perf_counter() - begun) * 1000
        sys.stdout.buffer.write(b"%.6f\n" % elapsed)
        sys.stdout.buffer.write(positions.numpy().tobytes() + scores.numpy().tobytes())
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5])
