// Sums of the embeddings below a node, and the means that inner nodes keep of them.
//
// Sums are float64, a node's that of its left child plus that of its right one, down to the leaves:
// so they follow from the tree alone, whatever changes led to it. A mean is the sum over the number
// of items, rounded once, to the table's element type: of an int8 table to  scale * codes  with the
// largest code 127.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/call_context.h"
#include "core/function_ref.h"
#include "tree/tree_state.h"

namespace kleio {

// Of one node, leaf or not.
std::vector<double> sum_below(const TreeState& tree, std::int32_t index);

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
