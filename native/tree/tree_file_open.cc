#include <algorithm>
#include <cmath>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/large_buffer.h"
#include "core/source_file.h"
#include "core/xxh64.h"
#include "tree/tree_file.h"

namespace kleio {
namespace {

constexpr std::size_t kHashedAtOnce = std::size_t{1} << 20;

[[noreturn]] void damaged(const TreeFile& file, const std::string& what) {
  throw Error(ErrorCode::kFormat, file.file->path() + ": " + what);
}

// What a tree has of a file, read piece by piece: nothing is in memory twice.
class Pieces {
 public:
  explicit Pieces(const TreeFile& file) : file_(file), reading_(*file.file) {}

  // Stays where it is until `finish`.
  template <typename Value>
  BlockVector<Value> column(std::uint64_t offset, std::size_t count) {
    file_.file->require_range(offset, count * sizeof(Value));
    BlockVector<Value> values(count);
    reading_.read(offset, std::as_writable_bytes(std::span(values)));
    return values;
  }
  LargeBuffer rows(std::uint64_t offset, std::size_t count) {
    const std::size_t byte_size = count * file_.dim * size_of(file_.dtype);
    file_.file->require_range(offset, byte_size);
    LargeBuffer rows(byte_size);
    reading_.read(offset, {rows.data(), byte_size});
    return rows;
  }

  void finish() {
    require_checksum();
    reading_.finish();
  }

 private:
  void require_checksum() const {
    std::uint64_t said = 0;
    const std::uint64_t size = file_.file->byte_size();
    if (size < sizeof said) damaged(file_, "is too short for a tree");
    const std::uint64_t covered = size - sizeof said;
    std::vector<std::byte> block(kHashedAtOnce);
    Xxh64 hash;
    for (std::uint64_t offset = 0; offset < covered; offset += block.size()) {
      const auto bytes =
          std::span(block).first(std::min<std::uint64_t>(covered - offset, block.size()));
      file_.file->read(offset, bytes);
      hash.update(bytes);
    }
    file_.file->read(covered, std::as_writable_bytes(std::span(&said, 1)));
    if (hash.digest() == said) return;
    damaged(file_, "is damaged: its content does not have the checksum that was written with it");
  }

  const TreeFile& file_;
  FileReading reading_;
};

struct NodeColumns {
  BlockVector<std::int32_t> item, feature;
  BlockVector<float> scale;
};

// Reads the nodes of a file whose bytes are as they were written, by whoever wrote them.
class NodeReader {
 public:
  NodeReader(const TreeFile& file, const NodeColumns& columns, TreeState& tree)
      : file_(file), columns_(columns), tree_(tree) {}

  void read() {
    for (std::size_t item = 0; item < file_.items; ++item) tree_.leaf_of_item.push_back(kNoNode);
    for (std::size_t index = 0; index < file_.nodes; ++index) add(index);
    if (inner_ != file_.inner) damaged(file_, "nodes.item has another number of inner nodes");
    for (auto index = static_cast<std::int32_t>(file_.nodes) - 1; index > 0; --index) {
      const std::int32_t parent = tree_.nodes[index].parent;
      tree_.nodes.writable(parent).leaves += tree_.nodes[index].leaves;
    }
  }

 private:
  void add(std::size_t index) {
    TreeNode node;
    // Children come in the order of their parents, two each.
    if (index > 0) {
      if ((index - 1) / 2 >= parents_.size()) damaged(file_, at(index) + " has no parent");
      node.parent = parents_[(index - 1) / 2];
    }
    const auto item = columns_.item[index];
    if (item == kNoItem) {
      if (inner_ == file_.inner) damaged(file_, "nodes.item has another number of inner nodes");
      node.first_child = static_cast<std::int32_t>(2 * inner_ + 1);
      node.row = static_cast<std::int32_t>(inner_);
      node.scale = columns_.scale[inner_];
      node.feature = columns_.feature[inner_];
      if (!std::isfinite(node.scale)) damaged(file_, at(index) + " has no finite scale");
      if (node.feature < -1 || node.feature >= static_cast<std::int64_t>(tree_.built_inner)) {
        damaged(file_, at(index) + " has feature " + std::to_string(node.feature));
      }
      ++inner_;
      parents_.push_back(static_cast<std::int32_t>(index));
    } else {
      if (item < 0 || static_cast<std::size_t>(item) >= file_.items) {
        damaged(file_, at(index) + " has item " + std::to_string(item));
      }
      if (tree_.leaf_of_item[item] != kNoNode) {
        damaged(file_, "item " + std::to_string(item) + " has two leaves");
      }
      tree_.leaf_of_item.writable(item) = static_cast<std::int32_t>(index);
      node.row = item;
      node.leaves = 1;
    }
    tree_.nodes.push_back(node);
  }

  static std::string at(std::size_t index) { return "node " + std::to_string(index); }

  const TreeFile& file_;
  const NodeColumns& columns_;
  TreeState& tree_;
  std::size_t inner_ = 0;
  std::vector<std::int32_t> parents_;  // indices of the inner nodes
};

void require_tree_shape(const TreeFile& file) {
  const bool none = file.items == 0 && file.nodes == 0 && file.inner == 0;
  if (none || (file.items == file.inner + 1 && file.nodes == file.inner + file.items)) return;
  damaged(file, std::to_string(file.items) + " items, " + std::to_string(file.inner) +
                    " inner nodes and " + std::to_string(file.nodes) + " nodes make no tree");
}

}  // namespace

std::shared_ptr<const TreeState> open_tree(const TreeFile& file) {
  require_tree_shape(file);
  Pieces pieces(file);
  const auto ids = pieces.column<std::int64_t>(file.ids, file.items);
  const NodeColumns nodes = {.item = pieces.column<std::int32_t>(file.node_item, file.nodes),
                             .feature = pieces.column<std::int32_t>(file.node_feature, file.inner),
                             .scale = pieces.column<float>(file.node_scale, file.inner)};
  auto built_means = pieces.column<float>(file.built_means, file.remembered * file.dim);
  LargeBuffer embeddings = pieces.rows(file.embeddings, file.items);
  const auto means = std::make_shared<LargeBuffer>(pieces.rows(file.node_embeddings, file.inner));
  pieces.finish();

  const std::string file_name = file.file->path() + ": ";
  require_finite({means->data(), file.inner, file.dim, file.dtype}, file_name + "nodes.embeddings");
  const auto tree = std::make_shared<TreeState>(
      Table::owning(std::move(embeddings), file.dim, file.dtype, ids,
                    {file_name + "items.embeddings", file_name + "items.ids"}),
      file.items);
  tree->split = file.split;
  tree->seed = file.seed;
  tree->built_inner = file.built_inner;
  tree->inserted = file.inserted;
  tree->removed = file.removed;
  tree->means = RowColumn(means->data(), file.inner, file.dim * size_of(file.dtype), means);
  tree->built_means = std::make_shared<const BlockVector<float>>(std::move(built_means));
  NodeReader(file, nodes, *tree).read();
  return tree;
}

}  // namespace kleio
