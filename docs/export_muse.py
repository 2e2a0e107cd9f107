#!/usr/bin/env python3
"""Writes a trained MUSE model into the one safetensors file that Ranker.open reads.

What goes in is what the authors' public code leaves behind (github.com/alimama-tech/MUSE):

  --dense  X_dense.ckpt    MUSE_DIN.save_ckpt: all_seq_image_res, realtime_att, uni_att_v2, fc_tower
  --sparse X_sparse.ckpt   FeatureEmbeddingDict.save_ckpt: embedding_layers
  --maps   feature_map/    FEATURE_sorted_map.npy of each feature (sorted ids; the id at index r has row
                           r + 1 of the embedding), scl_emb_int8_p90_keys.npy and _values.npy

    python3 export_muse.py --dense muse_dense.ckpt --sparse muse_sparse.ckpt --maps feature_map muse.safetensors

Needs numpy and torch 1.13 or later, no GPU. Large tables are copied in
pieces, so memory stays small beside the checkpoint itself. Checkpoints are loaded as data alone: no code
in them runs.
"""

import argparse
import json
import os
import pathlib
import pickle
import struct
import sys

import numpy as np
import torch

DENSE_MODULES = ["all_seq_image_res", "realtime_att", "uni_att_v2", "fc_tower"]
ITEM = "150_2_180"
FEATURES = [ITEM, "151_2_180", "213", "214", "129_1", "130_1", "130_2", "130_3", "130_4", "130_5"]
ELEMENT_NAMES = {np.dtype(np.float32): "F32", np.dtype(np.int64): "I64", np.dtype(np.int8): "I8"}
PIECE_BYTES = 64 << 20


class ExportError(Exception):
    """The input is not what the public code writes; the message names the culprit."""


def main():
    arguments = parse_arguments()
    try:
        tensors = collect(arguments)
        metadata = {
            "embedding_dim": str(tensors[f"embedding_layers.{ITEM}.weight"].shape[1]),
            "keep_top": str(arguments.keep_top),
            "short_steps": str(arguments.short_steps),
        }
        write_safetensors(arguments.output, tensors, metadata)
    except (ExportError, OSError) as error:
        sys.exit(f"export_muse: {error}")
    rows = ", ".join(f"{name} {value}" for name, value in metadata.items())
    print(f"{arguments.output}: {len(tensors)} tensors, {rows}")


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=pathlib.Path, help="the .safetensors file to write")
    parser.add_argument("--dense", type=pathlib.Path, required=True, help="X_dense.ckpt")
    parser.add_argument("--sparse", type=pathlib.Path, required=True, help="X_sparse.ckpt")
    parser.add_argument("--maps", type=pathlib.Path, required=True, help="the feature_map folder")
    parser.add_argument(
        "--item-id-p90",
        action="store_true",
        help="the model was trained with item_id_p90: read 150_2_180_sorted_map_p90.npy",
    )
    parser.add_argument("--keep-top", type=int, default=50, help="K of the training (default 50)")
    parser.add_argument(
        "--short-steps", type=int, default=50, help="recent behaviours (the public code: 50)"
    )
    return parser.parse_args()


def collect(arguments):
    """All tensors by the name they get, checked against each other."""
    tensors = {}
    dense = load_checkpoint(arguments.dense, DENSE_MODULES)
    for module in DENSE_MODULES:
        for key, value in dense[module].items():
            tensors[f"{module}.{key}"] = as_float32(f"{arguments.dense}: {module}.{key}", value)

    sparse = load_checkpoint(arguments.sparse, ["embedding_layers"])["embedding_layers"]
    for feature in FEATURES:
        key = f"{feature}.weight"
        if key not in sparse:
            raise ExportError(f"{arguments.sparse}: embedding_layers has no {key}")
        weight = as_float32(f"{arguments.sparse}: {key}", sparse[key])
        ids_path = map_path(arguments, feature)
        ids = sorted_ids(ids_path)
        if len(weight) != len(ids) + 1:
            raise ExportError(
                f"{ids_path}: has {len(ids)} ids where embedding_layers.{key} has {len(weight)} rows; "
                "there must be one row more (was the model trained with --item-id-p90?)"
            )
        tensors[f"embedding_layers.{key}"] = weight
        tensors[f"feature_maps.{feature}"] = ids

    keys_path = arguments.maps / "scl_emb_int8_p90_keys.npy"
    values_path = arguments.maps / "scl_emb_int8_p90_values.npy"
    keys = sorted_ids(keys_path)
    values = np.load(values_path, mmap_mode="r")
    if values.dtype != np.int8 or values.ndim != 2 or len(values) != len(keys):
        raise ExportError(
            f"{values_path}: must be int8 [{len(keys)}, width], one row for each of "
            f"{keys_path.name}; got {values.dtype} {list(values.shape)}"
        )
    tensors["scl_embedding_table.keys"] = keys
    tensors["scl_embedding_table.values"] = values
    return tensors


def load_checkpoint(path, modules):
    """A dictionary of state_dicts, as the public code's save_ckpt writes it."""
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, pickle.UnpicklingError, EOFError) as error:
        raise ExportError(f"{path}: is no checkpoint of tensors: {error}") from error
    for module in modules:
        if not isinstance(checkpoint, dict) or not isinstance(checkpoint.get(module), dict):
            there = ", ".join(map(str, checkpoint)) if isinstance(checkpoint, dict) else "no dictionary"
            raise ExportError(f"{path}: has no state_dict named {module}; it holds {there}")
    return checkpoint


def as_float32(name, tensor):
    values = tensor.detach().to(torch.float32).contiguous().numpy()
    if not np.isfinite(values).all():
        place = np.argwhere(~np.isfinite(values))[0].tolist()
        raise ExportError(f"{name}: is not finite at {place}")
    return values


def map_path(arguments, feature):
    suffix = "_sorted_map_p90.npy" if arguments.item_id_p90 and feature == ITEM else "_sorted_map.npy"
    return arguments.maps / f"{feature}{suffix}"


def sorted_ids(path):
    ids = np.load(path, mmap_mode="r")
    if ids.dtype != np.int64 or ids.ndim != 1:
        raise ExportError(f"{path}: must be int64 [ids]; got {ids.dtype} {list(ids.shape)}")
    if not (ids[1:] > ids[:-1]).all():
        raise ExportError(f"{path}: ids must ascend without repeats")
    return ids


def write_safetensors(path, tensors, metadata):
    """Widest elements first, the header padded: every tensor is aligned and can be used in place."""
    order = sorted(tensors, key=lambda name: -tensors[name].dtype.itemsize)
    header = {"__metadata__": metadata}
    offset = 0
    for name in order:
        values = tensors[name]
        header[name] = {
            "dtype": ELEMENT_NAMES[values.dtype],
            "shape": list(values.shape),
            "data_offsets": [offset, offset + values.nbytes],
        }
        offset += values.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)

    unfinished = path.with_name(f"{path.name}.unfinished")
    with open(unfinished, "wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        for name in order:
            write_values(file, tensors[name])
    os.replace(unfinished, path)


def write_values(file, values):
    rows = max(1, PIECE_BYTES // max(1, values[:1].nbytes))
    for start in range(0, len(values), rows):
        piece = np.ascontiguousarray(values[start : start + rows])
        file.write(piece.astype(piece.dtype.newbyteorder("<"), copy=False).tobytes())


if __name__ == "__main__":
    main()
