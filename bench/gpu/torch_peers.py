"""What PyTorch takes for the same work on the same GPU, and what the GPU could do at best.

  torch_peers.py peaks
  torch_peers.py search --dtype float32|bfloat16 [--length L ...] [--targets B ...] [--compile]
  torch_peers.py attention [--targets B ...]

One JSON object a line, as soon as it is known, so that a run that is stopped leaves what it found.
Times are microseconds of the device, replays of a CUDA graph (replay.py says how).

  peaks      {"peer": "peak", "name", "value", "unit"}: a large copy, large products of drawn numbers
  search     {"peer": "search", "torch", "dtype", "way", "targets", "length", "dim", "k",
             "us", "p10Us", "p90Us", "coldUs", "coldP10Us", "coldP90Us"}: `matmul` and `topk` over
             normalised rows that lie on the device. "way" is eager, or compiled with --compile, which
             measures both. PyTorch's answer is approximate in bfloat16 and breaks ties as it likes: it
             is timed as it is.
  attention  {"peer": "attention", "torch", "targets", "way", ...}: the exact search unit
             (torch_attention.py), eager and compiled

What could not be measured has "reason" in place of its times.
"""

import argparse
import json

import torch
from replay import measured_us
from torch_attention import measured_attention

DIM = 128
K = 50
# The most telling first.
TARGETS = (1000, 1, 100, 16, 2000)
LENGTHS = (100_000, 1_000_000, 10_000)
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}
CHECKED = 3  # targets
SQUARE = 8192


def say(**found):
    print(json.dumps(found), flush=True)


def attempt(run):
    """The times of `run`, or why there are none."""
    try:
        return run()
    except torch.cuda.OutOfMemoryError:
        return {"reason": "out of memory"}
    except Exception as error:  # torch.compile needs Triton and a C compiler
        return {"reason": (str(error).splitlines() or [type(error).__name__])[0]}
    finally:
        torch.cuda.empty_cache()


def peak(name, unit, per_second, run):
    found = attempt(lambda: measured_us(run, cold=False))
    if "us" in found:
        found = {"value": per_second / found["us"] * 1e6, "unit": unit}
    say(peer="peak", name=name, **found)


def peaks():
    source = torch.randint(256, (1 << 30,), dtype=torch.uint8, device="cuda")
    copy = torch.empty_like(source)
    peak("copy", "bytes per second", 2 * source.numel(), lambda: copy.copy_(source))
    del source, copy
    operations = 2 * SQUARE**3
    square = torch.randn(SQUARE, SQUARE, device="cuda", dtype=torch.bfloat16)
    peak("bfloat16 product", "operations per second", operations, lambda: square @ square)
    codes = torch.randint(-100, 100, (SQUARE, SQUARE), device="cuda", dtype=torch.int8)
    peak("int8 product", "operations per second", operations, lambda: torch._int_mm(codes, codes.T))


def best(asked, rows):
    scores, places = torch.topk(asked @ rows.T, K)
    return scores, places


def differs(places, asked, rows):
    """Whether places hold other rows than the definition's, by more than the dtype can tell apart."""
    tolerance = 1e-4 if rows.dtype == torch.float32 else 2e-2
    scores = asked[:CHECKED].double() @ rows.double().T
    exact, _ = torch.topk(scores, K)
    return (scores.gather(1, places[:CHECKED]) - exact).abs().max().item() > tolerance


def drawn(count, dtype):
    return torch.nn.functional.normalize(torch.randn(count, DIM, device="cuda")).to(dtype)


def search_times(way, asked, rows):
    if way == "compiled":
        torch.compiler.reset()  # it would give up after some shapes
    run = torch.compile(best, dynamic=False) if way == "compiled" else best
    if differs(run(asked, rows)[1], asked, rows):
        return {"reason": "its answer differs"}
    return measured_us(lambda: run(asked, rows))


def search(options):
    dtype = DTYPES[options.dtype]
    for length in options.length:
        rows = drawn(length, dtype)
        for targets in options.targets:
            asked = drawn(targets, dtype)
            for way in ("eager", "compiled") if options.compile else ("eager",):
                shape = {"targets": targets, "length": length, "dim": DIM, "k": K}
                found = attempt(lambda: search_times(way, asked, rows))
                say(peer="search", torch=torch.__version__, dtype=options.dtype, way=way, **shape, **found)


def attention(options):
    for found in measured_attention(options.targets, measured_us, attempt):
        say(peer="attention", torch=torch.__version__, **found)


def read_options():
    parser = argparse.ArgumentParser(allow_abbrev=False)
    kinds = parser.add_subparsers(dest="kind", required=True)
    kinds.add_parser("peaks")
    of_search = kinds.add_parser("search")
    of_search.add_argument("--dtype", choices=DTYPES, required=True)
    of_search.add_argument("--length", type=int, nargs="+", default=LENGTHS)
    of_search.add_argument("--targets", type=int, nargs="+", default=TARGETS)
    of_search.add_argument("--compile", action="store_true")
    of_attention = kinds.add_parser("attention")
    of_attention.add_argument("--targets", type=int, nargs="+", default=(1000, 100, 2000))
    return parser.parse_args()


def main():
    options = read_options()
    torch.manual_seed(20251)
    torch.backends.cuda.matmul.allow_tf32 = False
    if options.kind == "peaks":
        peaks()
    elif options.kind == "search":
        search(options)
    else:
        attention(options)


if __name__ == "__main__":
    with torch.inference_mode():
        main()
