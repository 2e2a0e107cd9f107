#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/mapped_file.h"
#include "tree/tree_file.h"
#include "tree/xxh64.h"

namespace kleio {
namespace {

[[noreturn]] void damaged(const TreeFile& file, const std::string& what) {
  throw Error(ErrorCode::kFormat, file.path + ": " + what);
}

// One tensor of a mapped file, at any address.
class Column {
 public:
  Column(const TreeFile& file, const MappedFile& mapping, std::uint64_t offset,
         std::uint64_t byte_size) {
    const std::span<const std::byte> all = mapping.bytes();
    if (offset > all.size() || byte_size > all.size() - offset) {
      damaged(file, "a tensor ends behind the file");
    }
    bytes_ = all.subspan(offset, byte_size);
  }

  const std::byte* data() const noexcept { return bytes_.data(); }
  template <typename Value>
  Value at(std::size_t index) const noexcept {
    Value value;
    std::memcpy(&value, bytes_.data() + index * sizeof value, sizeof value);
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
};

void require_checksum(const TreeFile& file, const MappedFile& mapping) {
  const std::span<const std::byte> all = mapping.bytes();
  std::uint64_t said = 0;
  if (all.size() < sizeof said) damaged(file, "is too short for a tree");
  const std::span<const std::byte> covered = all.first(all.size() - sizeof said);
  std::memcpy(&said, all.data() + covered.size(), sizeof said);
  mapping.expect(MappedFile::Access::kSequential);
  Xxh64 hash;
  hash.update(covered);
  mapping.expect(MappedFile::Access::kRandom);
  if (hash.digest() != said) {
    damaged(file, "is damaged: its content does not have the checksum that was written with it");
  }
}

// Reads the nodes of a file whose bytes are as they were written, by whoever wrote them.
class NodeReader {
 public:
  NodeReader(const TreeFile& file, const MappedFile& mapping, TreeState& tree)
      : file_(file),
        tree_(tree),
        item_(file, mapping, file.node_item, file.nodes * sizeof(std::int32_t)),
        scale_(file, mapping, file.node_scale, file.inner * sizeof(float)),
        feature_(file, mapping, file.node_feature, file.inner * sizeof(std::int32_t)) {}

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
    const auto item = item_.at<std::int32_t>(index);
    if (item == kNoItem) {
      if (inner_ == file_.inner) damaged(file_, "nodes.item has another number of inner nodes");
      node.first_child = static_cast<std::int32_t>(2 * inner_ + 1);
      node.row = static_cast<std::int32_t>(inner_);
      node.scale = scale_.at<float>(inner_);
      node.feature = feature_.at<std::int32_t>(inner_);
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
  TreeState& tree_;
  Column item_, scale_, feature_;
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
  const auto mapping = std::make_shared<const MappedFile>(file.path, 0, file.file_bytes);
  require_checksum(file, *mapping);
  const std::size_t row_bytes = file.dim * size_of(file.dtype);
  const Column ids(file, *mapping, file.ids, file.items * sizeof(std::int64_t));
  const Column embeddings(file, *mapping, file.embeddings, file.items * row_bytes);
  const Column means(file, *mapping, file.node_embeddings, file.inner * row_bytes);
  const Column built(file, *mapping, file.built_means, file.remembered * file.dim * sizeof(float));
  require_finite({means.data(), file.inner, file.dim, file.dtype}, file.path.c_str());

  std::vector<std::int64_t> aligned_ids(file.items);
  for (std::size_t item = 0; item < file.items; ++item)
    aligned_ids[item] = ids.at<std::int64_t>(item);
  const auto tree =
      std::make_shared<TreeState>(Table::over({embeddings.data(), file.items, file.dim, file.dtype},
                                              aligned_ids, mapping, file.path.c_str()));
  tree->split = file.split;
  tree->seed = file.seed;
  tree->built_inner = file.built_inner;
  tree->inserted = file.inserted;
  tree->removed = file.removed;
  tree->means = RowColumn(means.data(), file.inner, row_bytes, mapping);
  AlignedBuffer<float> built_means(file.remembered * file.dim);
  for (std::size_t i = 0; i < built_means.size(); ++i) built_means[i] = built.at<float>(i);
  tree->built_means = std::make_shared<const AlignedBuffer<float>>(std::move(built_means));
  NodeReader(file, *mapping, *tree).read();
  return tree;
}

}  // namespace kleio
