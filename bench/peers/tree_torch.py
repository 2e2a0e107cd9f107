"""The beam search of bench/tree in PyTorch on the CPU, level by level in batches.

    python3 tree_torch.py TREE WEIGHTS HISTORY BEAM THREADS

Reads the tree, the scorer's weights and the behaviours' rows from .safetensors files, says "ready",
and answers each line on its standard input with one search: milliseconds by stage and the items found.
What can be made once for all requests (the item embeddings as unit float32 rows) is made before
"ready"; what a request must make (its history's rows, keys and values) is timed, as it is for kleio.
"""

import json
import sys
import time

import numpy as np
import torch

ELEMENTS = {"F32": np.float32, "I8": np.int8, "I32": np.int32, "I64": np.int64}
ROWS_AT_ONCE = 400  # nodes whose scores are held at once: 160 MB at 100 000 behaviours


def read(path):
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        values = np.frombuffer(file.read(), np.uint8)
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        array = values[start:end].view(ELEMENTS[entry["dtype"]]).reshape(entry["shape"])
        tensors[name] = torch.from_numpy(array.copy())
    return tensors, metadata


def unit(rows):
    return torch.nn.functional.normalize(rows.float(), dim=1)


class Tree:
    def __init__(self, tensors):
        item = tensors["nodes.item"].long()
        inner = torch.nonzero(item < 0).flatten()
        self.leaf = item >= 0
        self.item = item
        self.first_child = torch.full_like(item, -1)
        self.first_child[inner] = 2 * torch.arange(len(inner)) + 1
        number = torch.full_like(item, -1)
        number[inner] = torch.arange(len(inner))
        self.number = number
        self.items = unit(tensors["items.embeddings"])
        self.means = unit(tensors["nodes.embeddings"])
        self.feature = tensors["nodes.feature"].long()

    def mean(self, places):
        leaf = self.leaf[places]
        rows = torch.empty(len(places), self.items.shape[1])
        rows[leaf] = self.items[self.item[places[leaf]]]
        rows[~leaf] = self.means[self.number[places[~leaf]]]
        return rows

    def children(self, places):
        first = self.first_child[places]
        return torch.stack([first, first + 1], 1).flatten()


class Search:
    def __init__(self, tree, weights, metadata, rows, beam):
        self.tree, self.w, self.rows, self.beam = tree, weights, rows, beam
        self.k = int(metadata["keep_top"])
        self.short = int(metadata.get("short_steps", 0))

    def prepare(self):
        w = self.w
        x = w["item.embeddings"][self.rows + 1]  # ids are row numbers
        self.history = self.tree.items[self.rows].t().contiguous()
        self.co_keys = (x @ w["co_gsu.key.weight"].t()).t().contiguous()
        self.keys, self.values = {}, {}
        for name in ("co", "mm"):
            self.keys[name] = x @ w[f"esu.{name}.heads.0.key.weight"].t()
            self.values[name] = x @ w[f"esu.{name}.heads.0.value.weight"].t()
        self.recent = x[-self.short:].mean(0)

    def best(self, queries, keys):
        kept = [
            (queries[at:at + ROWS_AT_ONCE] @ keys).topk(min(self.k, keys.shape[1]), 1)[1]
            for at in range(0, len(queries), ROWS_AT_ONCE)
        ]
        return torch.cat(kept)

    def attend(self, name, e, kept):
        w = self.w
        query = e @ w[f"esu.{name}.heads.0.query.weight"].t()
        keys, values = self.keys[name][kept], self.values[name][kept]
        alpha = (keys @ query.unsqueeze(2)).squeeze(2) / query.shape[1] ** 0.5
        attended = (alpha.softmax(1).unsqueeze(1) @ values).squeeze(1)
        return attended @ w[f"esu.{name}.output.weight"].t()

    def score(self, places, times):
        w, tree = self.w, self.tree
        began = time.perf_counter()
        leaf = tree.leaf[places]
        e = torch.empty(len(places), w["item.embeddings"].shape[1])
        e[leaf] = w["item.embeddings"][tree.item[places[leaf]] + 1]
        e[~leaf] = w["node.embeddings"][tree.feature[tree.number[places[~leaf]]] + 1]
        co = self.best(e @ w["co_gsu.query.weight"].t(), self.co_keys)
        searched = time.perf_counter()
        mm = self.best(tree.mean(places), self.history)
        both = time.perf_counter()
        parts = [self.recent.expand(len(places), -1), self.attend("co", e, co),
                 self.attend("mm", e, mm), e]
        x = torch.cat(parts, 1)
        x = torch.nn.functional.silu(x @ w["mlp.0.weight"].t() + w["mlp.0.bias"])
        logits = (x @ w["mlp.1.weight"].t() + w["mlp.1.bias"]).flatten()
        times["collaborativeMs"] += 1000 * (searched - began)
        times["multimodalMs"] += 1000 * (both - searched)
        times["attendMs"] += 1000 * (time.perf_counter() - both)
        return logits

    def run(self):
        times = {"prepareMs": 0.0, "collaborativeMs": 0.0, "multimodalMs": 0.0, "attendMs": 0.0}
        began = time.perf_counter()
        self.prepare()
        times["prepareMs"] = 1000 * (time.perf_counter() - began)
        tree = self.tree
        level = torch.zeros(1, dtype=torch.long)
        while len(level) <= self.beam and not tree.leaf[level].any():
            level = tree.children(level)
        found, found_logits = [], []
        while len(level) > 0:
            logits = self.score(level, times)
            leaf = tree.leaf[level]
            found.append(tree.item[level[leaf]])
            found_logits.append(logits[leaf])
            inner, of_inner = level[~leaf], logits[~leaf]
            best = of_inner.topk(min(self.beam, len(inner)))[1]
            level = tree.children(inner[best])
        items, logits = torch.cat(found), torch.cat(found_logits)
        order = logits.topk(min(self.beam, len(logits)))[1]
        times["total"] = 1000 * (time.perf_counter() - began)
        return {"stages": times, "items": items[order].tolist()}


def main():
    tree_path, weights_path, history_path, beam, threads = sys.argv[1:]
    torch.set_num_threads(int(threads))
    torch.set_grad_enabled(False)
    tree = Tree(read(tree_path)[0])
    weights, metadata = read(weights_path)
    rows = read(history_path)[0]["rows"]
    search = Search(tree, weights, metadata, rows, int(beam))
    search.run()
    print("ready", flush=True)
    for _ in sys.stdin:
        print(json.dumps(search.run()), flush=True)


if __name__ == "__main__":
    main()
