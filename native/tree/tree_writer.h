// Changes of a tree without a new build. Every change makes a new state, which shares with the old
// one what it does not touch: searches go on over the old one.
//
// Insert   an item goes down by the larger cosine, along 8 paths, to the leaf most like it, which
//          it and all others that arrive there divide in halves as a build would. Means above are
//          written anew.
// Remove   a leaf's sibling takes its parent's place.
// Replicas what a change does follows from the tree and the change alone, not from what led to the
//          tree: one that was saved and opened in between becomes the same tree.
// Cost     about 16 * depth inner products an item; the first change adds up all embeddings once,
//          and 8 bytes * dim are kept for every node of 64 items and more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "core/call_context.h"
#include "core/matrix_view.h"
#include "tree/tree_state.h"

namespace kleio {

// Of one tree, whose changes it makes one after the other.
class TreeWriter {
 public:
  // `embeddings` of the tree's dim and dtype, one row an id. Throws kDuplicateId (an id twice, or
  // one that the tree has), kNotFinite, kRange (too many items); then nothing has changed.
  std::shared_ptr<const TreeState> insert(const TreeState& tree, std::span<const std::int64_t> ids,
                                          const MatrixView& embeddings, const CallContext& context);
  // Ids that the tree does not have are passed over.
  std::shared_ptr<const TreeState> remove(const TreeState& tree, std::span<const std::int64_t> ids,
                                          const CallContext& context);

 private:
  using Sum = std::vector<double>;

  // Sums of all nodes of kSummedLeaves and more, where they are not at hand.
  void require_sums(const TreeState& tree, const CallContext& context);
  void add_under(TreeState& tree, std::int32_t landing, std::span<const std::int32_t> items,
                 const CallContext& context);
  void remove_one(TreeState& tree, std::int32_t item);
  void lift_sibling(TreeState& tree, std::int32_t parent, std::int32_t sibling);
  void write_touched_means(TreeState& tree);
  Sum sum_of(const TreeState& tree, std::int32_t index) const;

  bool has_sums_ = false;
  std::unordered_map<std::int32_t, Sum> sums_;
  std::unordered_set<std::int32_t> touched_;  // inner nodes whose means are to be written
};

}  // namespace kleio
