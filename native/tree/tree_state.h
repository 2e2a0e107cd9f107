// An index tree at one moment: what a search reads. Copies share everything until it is written.
//
// Source: MISS (arXiv 2508.14515). A binary tree over the items of a table: a leaf is one item, an
// inner node stands for the items below it and has the mean of their embeddings, z.
//
// Nodes have *indices*. The two children of a node lie side by side; node 0 is the root. In a tree
// as built or opened they are the nodes' numbers (node_numbers.h), so the k-th inner node has the
// children 2k + 1 and 2k + 2; changes reuse them, and nothing that a caller sees may hang on them.
// The mean is kept as  z = scale * codes  in the table's element type: int8 codes reach 127, floats
// have scale 1. Both general search units then run on the table's own kernels.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/chunked_column.h"
#include "core/matrix_view.h"
#include "core/secret_hash.h"
#include "core/table.h"
#include "tree/node_numbers.h"
#include "tree/row_column.h"

namespace kleio {

// How a node divides its items.
// The numeric values are the binary's contract with lib/binding/contract/codes.ts.
enum class Split : std::uint8_t {
  kBalanced = 0,  // halves: 2-means, cut in the middle of the margin
  kPlain = 1,     // 2-means, each item to its nearer mean
};

struct TreeNode {
  std::int32_t first_child = -1;  // -1: a leaf
  std::int32_t parent = -1;       // -1: the root
  std::int32_t row = -1;          // a leaf's item; an inner node's row of `means`
  // An inner node's number in a model's node embeddings: its rank among the inner nodes of the
  // build, breadth first. One that came later has its nearest ancestor's of the build, or -1.
  std::int32_t feature = -1;
  std::uint32_t leaves = 0;
  float scale = 1;

  bool is_leaf() const noexcept { return first_child < 0; }
};

inline constexpr std::int32_t kNoItem = -1;
inline constexpr std::int32_t kNoNode = -1;

using AddedItems = std::unordered_map<std::int64_t, std::int32_t, SecretHash>;

struct TreeState {
  // Of the table's first `rows`.
  TreeState(std::shared_ptr<Table> table, std::size_t rows);

  std::shared_ptr<Table> base;    // items 0 .. base_rows - 1
  std::size_t base_rows;          // others may have appended more since
  ChunkedColumn<TreeNode> nodes;  // by index; empty: a tree without items
  RowColumn means;                // codes of inner nodes
  // Items that were inserted later: their rows of `added`, and their ids.
  ChunkedColumn<std::int32_t> added_rows;
  ChunkedColumn<std::int64_t> added_ids;
  // The base, which so has every item of the tree, or, where it has no ids, a table of the tree's
  // own; null: nothing was inserted into that.
  std::shared_ptr<Table> added;
  MatrixView arriving;  // embeddings of an insert's items, until they have rows
  ChunkedColumn<std::int32_t> leaf_of_item;  // kNoNode: removed
  // The newest item of each id that was inserted later.
  std::shared_ptr<const AddedItems> added_items;
  BlockVector<std::int32_t> free_pairs;  // first nodes of pairs that no node uses
  BlockVector<std::int32_t> free_means;  // rows of `means`
  // Means of the first inner nodes as they were built, by their number: to see drift.
  std::shared_ptr<const BlockVector<float>> built_means;

  Split split = Split::kBalanced;
  std::uint64_t seed = 0;
  std::uint32_t built_inner = 0;  // inner nodes of the build
  std::uint64_t inserted = 0;     // items since then
  std::uint64_t removed = 0;

  bool indices_are_numbers = true;  // not so once the tree has changed
  NumbersMade numbers;

  std::size_t dim() const noexcept { return base->dim(); }
  Dtype dtype() const noexcept { return base->dtype(); }
  bool empty() const noexcept { return nodes.size() == 0 || nodes[0].leaves == 0; }
  std::size_t items() const noexcept { return empty() ? 0 : nodes[0].leaves; }

  const std::byte* item_embedding(std::int32_t item) const noexcept {
    assert(item >= 0);
    const auto index = static_cast<std::size_t>(item);
    if (index < base_rows) return base->row(index);
    const std::size_t later = index - base_rows;
    if (later >= added_rows.size()) return arriving.row(later - added_rows.size());
    return added->row(static_cast<std::size_t>(added_rows[static_cast<std::int64_t>(later)]));
  }
  // The codes of a node; z = node.scale * codes.
  const std::byte* embedding(const TreeNode& node) const noexcept {
    return node.is_leaf() ? item_embedding(node.row)
                          : means.row(static_cast<std::size_t>(node.row));
  }
  std::int64_t id_of(std::int32_t item) const;
  // The item of the tree with this id, or kNoItem.
  std::int32_t item_of(std::int64_t id) const noexcept;
  // Memory beside the table.
  std::size_t byte_size() const noexcept;
  // Of the embeddings that were inserted, wherever they are.
  std::size_t added_bytes() const noexcept { return added_rows.size() * base->row_bytes(); }
};

// Levels below the root; 0 for a tree of at most one item.
std::size_t depth_of(const TreeState& tree);

}  // namespace kleio
