// Sums of the embeddings below a node, and the means that inner nodes keep of them.
//
// Sums are float64: exact for int8. A mean is rounded once, to the table's element type: of an int8
// table to  scale * codes  with the largest code 127.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/call_context.h"
#include "core/function_ref.h"
#include "tree/tree_state.h"

namespace kleio {

// Adds `sign` times an item's embedding.
void add_item(const TreeState& tree, std::int32_t item, double sign,
              std::span<double> sum) noexcept;

// Adds up the items below a node, one by one.
void add_items_below(const TreeState& tree, std::int32_t index, std::span<double> sum);

// Writes the mean of an inner node whose items have this sum. Several threads may write at once
// where no copy of the tree shares its rows.
void write_mean(TreeState& tree, std::int32_t index, std::span<const double> sum);

// The mean of a node as numbers, scale * codes.
void read_mean(const TreeState& tree, const TreeNode& node, std::span<float> mean) noexcept;

// Calls visit(index, sum) for every inner node from `root` down, children before their parents,
// from several threads at once. One sum a level is alive in each.
void visit_sums(const TreeState& tree, std::int32_t root, const CallContext& context,
                FunctionRef<void(std::int32_t index, std::span<const double> sum)> visit);

}  // namespace kleio
