"""What PyTorch takes for the same searches on the same GPU, and what the GPU could do at best.

Prints JSON: the median of 50 replays of a CUDA graph of `matmul` and `topk` over normalised rows that
lie on the device, in milliseconds of the device; the exact search unit (torch_attention.py); the
bandwidth of a large copy and the rates of large products. PyTorch's answer is approximate in bfloat16
and breaks ties as it likes; it is timed as it is.
"""

import json

import torch
from torch_attention import measured_attention

DIM = 128
K = 50
TARGETS = (1, 16, 100, 1000, 2000)
LENGTHS = (10_000, 100_000, 1_000_000)
REPLAYS = 50


def median_ms(run):
    """Of a CUDA graph of `run`, replayed."""
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        for _ in range(3):
            run()
    stream.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        run()
    times = []
    for _ in range(REPLAYS):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        graph.replay()
        end.record()
        end.synchronize()
        times.append(begin.elapsed_time(end))
    return sorted(times)[REPLAYS // 2]


def search_ms(targets, length, dtype):
    rows = torch.nn.functional.normalize(torch.randn(length, DIM, device="cuda")).to(dtype)
    asked = torch.nn.functional.normalize(torch.randn(targets, DIM, device="cuda")).to(dtype)
    return median_ms(lambda: torch.topk(asked @ rows.T, K))


def peaks():
    source = torch.empty(1 << 30, dtype=torch.uint8, device="cuda")
    copy = torch.empty_like(source)
    copied_ms = median_ms(lambda: copy.copy_(source))
    square = torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16)
    bfloat16_ms = median_ms(lambda: square @ square)
    codes = torch.randint(-100, 100, (8192, 8192), device="cuda", dtype=torch.int8)
    int8_ms = median_ms(lambda: torch._int_mm(codes, codes.T))
    operations = 2 * 8192**3
    return {
        "bytesPerSecond": 2 * source.numel() / copied_ms * 1e3,
        "bfloat16PerSecond": operations / bfloat16_ms * 1e3,
        "int8PerSecond": operations / int8_ms * 1e3,
    }


def measured(targets, length, name, dtype):
    try:
        ms = search_ms(targets, length, dtype)
    except torch.cuda.OutOfMemoryError:
        ms = None
    torch.cuda.empty_cache()
    return {"targets": targets, "length": length, "dtype": name, "ms": ms}


def main():
    torch.backends.cuda.matmul.allow_tf32 = False
    kinds = {"float32": torch.float32, "bfloat16": torch.bfloat16}
    searches = [
        measured(targets, length, name, dtype)
        for length in LENGTHS
        for targets in TARGETS
        for name, dtype in kinds.items()
    ]
    result = {"torch": torch.__version__, "peaks": peaks(), "searches": searches}
    print(json.dumps({**result, "attention": measured_attention(median_ms)}, indent=2))


if __name__ == "__main__":
    with torch.inference_mode():
        main()
