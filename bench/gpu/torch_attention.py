"""What PyTorch takes for the exact search unit of MUSE, after the search: SA-TA and SimTier of the kept behaviours.

The published formulas (arXiv 2512.07216; docs/model.md), as the release writes them: embeddings of K behaviours are
gathered for every target, projected, attended to and counted by tier. Eager and through `torch.compile`, both as
replays of a CUDA graph. An answer that differs from float64 on the CPU gets no time.
"""

import torch

EMBEDDING = 32  # of an item or a category
K = 50
TIERS = 22
VOCABULARY = 100_000
TOLERANCE = 1e-4


class ExactSearchUnit(torch.nn.Module):
    def __init__(self):
        super().__init__()
        width = 2 * EMBEDDING
        self.items = torch.nn.Embedding(VOCABULARY, EMBEDDING)
        self.categories = torch.nn.Embedding(VOCABULARY // 100, EMBEDDING)
        self.query, self.key, self.value = (torch.nn.Linear(width, width) for _ in range(3))
        self.temperature = torch.nn.Parameter(torch.tensor(0.5))
        self.gains = torch.nn.Parameter(torch.tensor([1.0, 1.0, 0.1]))
        self.tier_weights = torch.nn.Parameter(torch.rand(TIERS))

    def embed(self, items, categories):
        return torch.cat([self.items(items), self.categories(categories)], dim=-1)

    def forward(self, target, kept, cosines):
        """target: rows [B], [B]; kept: rows [B, K], [B, K]; cosines [B, K] -> [B, 2 * EMBEDDING + TIERS]"""
        silu = torch.nn.functional.silu
        query = silu(self.query(self.embed(*target)))
        behaviours = self.embed(*kept)
        alpha = (silu(self.key(behaviours)) @ query.unsqueeze(-1)).squeeze(-1)
        rho = cosines / self.temperature
        logits = self.gains[0] * alpha + self.gains[1] * rho + self.gains[2] * alpha * rho
        weights = torch.softmax(logits, dim=-1) + 1e-7
        interest = (weights.unsqueeze(1) @ silu(self.value(behaviours))).squeeze(1)
        tiers = torch.ceil(cosines * 10).long() + 10
        counts = torch.zeros(len(cosines), TIERS, dtype=cosines.dtype, device=cosines.device)
        counts = counts.scatter_add(1, tiers, torch.ones_like(cosines))
        return torch.cat([interest, torch.log1p(counts) * self.tier_weights], dim=-1)


def drawn_request(targets):
    def rows(*shape):
        return torch.randint(VOCABULARY, shape), torch.randint(VOCABULARY // 100, shape)

    # Away from the edges of tiers, where rounding decides.
    cosines = (torch.randint(-9, 9, (targets, K)) + 0.5) / 10
    return rows(targets), rows(targets, K), cosines


def moved(request, device, dtype):
    target, kept, cosines = request
    place = lambda rows: tuple(row.to(device) for row in rows)
    return place(target), place(kept), cosines.to(device, dtype)


def differs(unit, request, exact):
    error = (unit(*request).double().cpu() - exact).abs().max().item()
    return error > TOLERANCE * max(1.0, exact.abs().max().item())


def checked_us(unit, request, exact, measured_us):
    if differs(unit, request, exact):
        return {"reason": "its answer differs"}
    return measured_us(lambda: unit(*request))


def measured_attention(counts, measured_us, attempt, device="cuda"):
    """For each number of targets and way of running: its times, or why there are none."""
    for targets in counts:
        torch.manual_seed(targets)
        unit = ExactSearchUnit()
        request = drawn_request(targets)
        exact = unit.double()(*moved(request, "cpu", torch.float64))
        unit = unit.float().to(device)
        request = moved(request, device, torch.float32)
        for way, made in (("eager", lambda unit: unit), ("compiled", torch.compile)):
            found = attempt(lambda: checked_us(made(unit), request, exact, measured_us))
            yield {"targets": targets, "way": way, **found}
