// An index tree as a file: .safetensors, so that whoever trains node embeddings reads it too.
//
//   items.ids         I64 [items]            items.embeddings  [items, dim]
//   nodes.item        I32 [nodes]            a leaf's item, -1 for an inner node
//   nodes.scale       F32 [inner]            nodes.feature     I32 [inner]
//   nodes.embeddings  [inner, dim]           z = scale * row
//   built.means       F32 [remembered, dim]
//   checksum          I64 [1]                XXH64 of every byte before it
//
// Nodes are breadth first, so the k-th inner node has the children 2k + 1 and 2k + 2 and nothing
// else needs to be said of the shape.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "core/new_file.h"
#include "core/source_file.h"
#include "tree/tree_state.h"

namespace kleio {

// Where the tensors of a file lie, as its header says; checked against what they hold.
struct TreeFile {
  std::shared_ptr<const SourceFile> file;
  Dtype dtype = Dtype::kInt8;
  std::size_t dim = 0;
  std::size_t items = 0;
  std::size_t nodes = 0;
  std::size_t inner = 0;
  std::size_t remembered = 0;
  // Bytes from the start of the file.
  std::uint64_t ids = 0, embeddings = 0, node_item = 0, node_scale = 0, node_feature = 0,
                node_embeddings = 0, built_means = 0;
  Split split = Split::kBalanced;
  std::uint64_t seed = 0;
  std::uint32_t built_inner = 0;
  std::uint64_t inserted = 0, removed = 0;
};

// Writes and commits the file. Throws kFile.
void save_tree(const TreeState& tree, NewFile& new_file);

// Throws kFile, kFormat (damage, a shape that is no tree), kNotFinite, kDuplicateId.
std::shared_ptr<const TreeState> open_tree(const TreeFile& file);

}  // namespace kleio
