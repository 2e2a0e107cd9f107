#include <initializer_list>
#include <string_view>
#include <vector>

#include "core/new_file.h"
#include "core/xxh64.h"
#include "tree/tree_file.h"

namespace kleio {
namespace {

// Nodes and items in the order of the file.
struct Order {
  std::vector<std::int32_t> nodes;     // by number
  std::vector<std::int32_t> inner;     // those with children
  std::vector<std::int32_t> items;     // present ones, ascending
  std::vector<std::int32_t> new_item;  // of each item there ever was
};

Order order_of(const TreeState& tree) {
  Order order;
  order.nodes = breadth_first(tree);
  for (const std::int32_t index : order.nodes) {
    if (!tree.nodes[index].is_leaf()) order.inner.push_back(index);
  }
  const std::int64_t ever = tree.leaf_of_item.end();
  order.new_item.assign(static_cast<std::size_t>(ever), kNoItem);
  for (std::int64_t item = 0; item < ever; ++item) {
    if (tree.leaf_of_item[item] == kNoNode) continue;
    order.new_item[static_cast<std::size_t>(item)] = static_cast<std::int32_t>(order.items.size());
    order.items.push_back(static_cast<std::int32_t>(item));
  }
  return order;
}

class HeaderText {
 public:
  void metadata(const char* name, const std::string& value) {
    append({text_.empty() ? "{\"__metadata__\":{\"" : ",\"", name, "\":\"", value, "\""});
  }

  void tensor(const char* name, const char* element, std::size_t element_bytes,
              const std::vector<std::size_t>& shape) {
    std::string extents;
    std::size_t bytes = element_bytes;
    for (const std::size_t extent : shape) {
      if (!extents.empty()) extents += ',';
      extents += std::to_string(extent);
      bytes *= extent;
    }
    append({has_tensors_ ? ",\"" : "},\"", name, "\":{\"dtype\":\"", element, "\",\"shape\":[",
            extents, "],\"data_offsets\":[", std::to_string(offset_), ",",
            std::to_string(offset_ + bytes), "]}"});
    has_tensors_ = true;
    offset_ += bytes;
  }

  // Padded with spaces, so that what follows lies at a multiple of 8.
  std::string finish() {
    text_ += "}";
    text_.append((8 - text_.size() % 8) % 8, ' ');
    return text_;
  }

 private:
  void append(std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts) text_ += part;
  }

  std::string text_;
  std::size_t offset_ = 0;
  bool has_tensors_ = false;
};

std::string header_of(const TreeState& tree, const Order& order, std::size_t remembered) {
  const std::size_t dim = tree.dim();
  const char* element =
      with_element(tree.dtype(), [&]<typename Element>() { return Element::kTensorName; });
  const std::size_t element_bytes = size_of(tree.dtype());
  HeaderText header;
  header.metadata("format", "kleio index tree");
  header.metadata("version", "1");
  header.metadata("split", tree.split == Split::kBalanced ? "balanced" : "plain");
  header.metadata("seed", std::to_string(tree.seed));
  header.metadata("built_inner", std::to_string(tree.built_inner));
  header.metadata("inserted", std::to_string(tree.inserted));
  header.metadata("removed", std::to_string(tree.removed));
  header.tensor("items.ids", "I64", 8, {order.items.size()});
  header.tensor("nodes.scale", "F32", 4, {order.inner.size()});
  header.tensor("nodes.feature", "I32", 4, {order.inner.size()});
  header.tensor("nodes.item", "I32", 4, {order.nodes.size()});
  header.tensor("built.means", "F32", 4, {remembered, dim});
  header.tensor("items.embeddings", element, element_bytes, {order.items.size(), dim});
  header.tensor("nodes.embeddings", element, element_bytes, {order.inner.size(), dim});
  header.tensor("checksum", "I64", 8, {1});
  return header.finish();
}

class Writer {
 public:
  explicit Writer(NewFile& file) : file_(file) {}

  void bytes(std::span<const std::byte> bytes) {
    hash_.update(bytes);
    file_.write(bytes);
  }
  template <typename Value>
  void value(const Value& value) {
    bytes(std::as_bytes(std::span(&value, 1)));
  }
  void commit() {
    const std::uint64_t checksum = hash_.digest();
    file_.write(std::as_bytes(std::span(&checksum, 1)));
    file_.commit();
  }

 private:
  NewFile& file_;
  Xxh64 hash_;
};

}  // namespace

void save_tree(const TreeState& tree, NewFile& new_file) {
  const Order order = order_of(tree);
  const std::string header = header_of(tree, order, tree.built_means->size() / tree.dim());
  const std::size_t row_bytes = tree.base->row_bytes();
  Writer file(new_file);
  file.value(static_cast<std::uint64_t>(header.size()));
  file.bytes(std::as_bytes(std::span(header)));
  for (const std::int32_t item : order.items) file.value(tree.id_of(item));
  for (const std::int32_t index : order.inner) file.value(tree.nodes[index].scale);
  for (const std::int32_t index : order.inner) file.value(tree.nodes[index].feature);
  for (const std::int32_t index : order.nodes) {
    const TreeNode& node = tree.nodes[index];
    file.value(node.is_leaf() ? order.new_item[static_cast<std::size_t>(node.row)] : kNoItem);
  }
  file.bytes(std::as_bytes(std::span(*tree.built_means)));
  for (const std::int32_t item : order.items) file.bytes({tree.item_embedding(item), row_bytes});
  for (const std::int32_t index : order.inner) {
    file.bytes({tree.embedding(tree.nodes[index]), row_bytes});
  }
  file.commit();
}

}  // namespace kleio
