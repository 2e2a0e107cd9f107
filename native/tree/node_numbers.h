// Numbers of nodes as callers and files have them: breadth first in the tree as it is now, each
// pair from left to right. So they do not tell how the tree came about, which indices do: those of
// a changed tree are the ones that were free.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/block_memory.h"
#include "core/guarded.h"

namespace kleio {

struct TreeState;

// No index becomes one by accident.
enum class NodeNumber : std::int32_t { kNone = -1 };

// Indices of all nodes in the order of their numbers.
std::vector<std::int32_t> breadth_first(const TreeState& tree);

// Made once for a state, when somebody first asks; a copy of the state is about to change, and so
// has none.
class NumbersMade {
 public:
  using Numbers = std::shared_ptr<const BlockVector<NodeNumber>>;

  NumbersMade() = default;
  NumbersMade(const NumbersMade&) noexcept {}
  NumbersMade& operator=(const NumbersMade&) = delete;

  // By index; kNone where no node is. Safe to call from many threads at once.
  Numbers of(const TreeState& tree) const;
  std::size_t byte_size() const noexcept;

 private:
  mutable Guarded<Numbers> made_;
};

class NodeNumbers {
 public:
  explicit NodeNumbers(const TreeState& tree);

  NodeNumber of(std::int32_t index) const noexcept {
    return numbers_ ? (*numbers_)[static_cast<std::size_t>(index)] : NodeNumber{index};
  }

 private:
  NumbersMade::Numbers numbers_;  // nullptr: indices are the numbers
};

}  // namespace kleio
