"""Device time of what PyTorch does, as bench/native/replay_timer.h takes it of our kernels.

A CUDA graph is replayed twenty times between two events, all queued before the first begins, and the
time divided; cold, a single replay follows reads of memory larger than L2. Medians of up to thirty
samples, as many as 0.3 seconds allow, and their tenths.
"""

import time

import torch

REPLAYS = 20
SAMPLES = 30
LEAST_SAMPLES = 7
BUDGET_SECONDS = 0.3
FLUSH_BYTES = 256 << 20
HOLD_CYCLES = 2_000_000  # a millisecond and more, in which the host queues what is timed
LONGEST_HOLD_CYCLES = 64 * HOLD_CYCLES

_flushed = None


def flush():
    """Fills L2 with unchanged memory, which need not be written back."""
    global _flushed
    if _flushed is None:
        _flushed = torch.zeros(FLUSH_BYTES // 4, dtype=torch.int32, device="cuda")
    torch.amax(_flushed)


def captured(run):
    """What replays `run` as a CUDA graph."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            run()
    torch.cuda.current_stream().wait_stream(stream)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        run()
    return graph.replay


def samples_us(replay, times, before):
    found = []
    warm_ups = 2
    hold = HOLD_CYCLES
    began = time.perf_counter()
    while len(found) < SAMPLES:
        if len(found) >= LEAST_SAMPLES and time.perf_counter() - began > BUDGET_SECONDS:
            break
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        torch.cuda._sleep(hold)
        before()
        begin.record()
        for _ in range(times):
            replay()
        end.record()
        late = begin.query()  # it began before all was queued
        end.synchronize()
        if warm_ups > 0:
            warm_ups -= 1
        elif late and hold < LONGEST_HOLD_CYCLES:
            hold *= 2
        else:
            found.append(1e3 * begin.elapsed_time(end) / times)
    return sorted(found)


def tenth(found, n):
    return round(found[(len(found) - 1) * n // 10], 3)


def measured_us(run, cold=True):
    """{us, p10Us, p90Us} and, unless told otherwise, the same cold."""
    replay = captured(run)
    warm = samples_us(replay, REPLAYS, lambda: None)
    result = {"us": tenth(warm, 5), "p10Us": tenth(warm, 1), "p90Us": tenth(warm, 9)}
    if cold:
        found = samples_us(replay, 1, flush)
        result |= {"coldUs": tenth(found, 5), "coldP10Us": tenth(found, 1), "coldP90Us": tenth(found, 9)}
    return result
