#include "tree/tree_splitter.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>

#include "core/hash.h"
#include "tree/two_means.h"

namespace kleio {
namespace {

// The widened rows of a task: 16384 of 128 int16, about what a core keeps near.
constexpr std::size_t kTaskBytes = std::size_t{4} << 20;
constexpr std::size_t kMinTaskItems = 256;
constexpr std::size_t kChunkItems = 2048;

// A run of `order` and where its cuts go.
struct Run {
  std::size_t begin, end, first_cut;

  std::size_t size() const noexcept { return end - begin; }
  Run left(std::size_t cut) const noexcept { return {begin, cut, first_cut + 1}; }
  Run right(std::size_t cut) const noexcept { return {cut, end, first_cut + (cut - begin)}; }
};

template <typename Element>
class Splitter {
 public:
  Splitter(const TreeState& tree, std::vector<std::int32_t> items, const SplitOptions& options,
           const CallContext& context, std::uint64_t* item_levels)
      : tree_(tree),
        options_(options),
        context_(context),
        item_levels_(item_levels),
        task_items_(std::max(kTaskBytes / (tree.dim() * sizeof(Element)), kMinTaskItems)) {
    partition_.order = std::move(items);
    partition_.cuts.resize(partition_.order.size() - std::min<std::size_t>(1, order().size()));
  }

  Partition run() {
    inverse_ = inverse_magnitude();
    std::vector<Run> tasks, large;
    const auto wait = [&](const Run& run) {
      if (run.size() > 1) (run.size() > task_items_ ? large : tasks).push_back(run);
    };
    wait({0, order().size(), 0});
    while (!large.empty()) {
      const Run run = large.back();
      large.pop_back();
      const std::size_t cut = divide_large(run);
      wait(run.left(cut));
      wait(run.right(cut));
    }
    context_.parallel_for(tasks.size(), [&](std::size_t task) { divide_task(tasks[task]); });
    return std::move(partition_);
  }

 private:
  std::vector<std::int32_t>& order() noexcept { return partition_.order; }

  void note(const Run& run, std::size_t cut) noexcept {
    partition_.cuts[run.first_cut] = static_cast<std::int32_t>(cut);
    if (item_levels_ == nullptr) return;
    std::atomic_ref(*item_levels_).fetch_add(run.size(), std::memory_order_relaxed);
  }

  std::uint64_t random_of(const Run& run) const noexcept {
    return mixed_bits(options_.seed ^ mixed_bits(run.begin << 32 ^ run.end));
  }

  // Floats are divided by the largest magnitude there is: no product of two overflows.
  float inverse_magnitude() {
    if (has_exact_codes(tree_.dtype())) return 1;
    const float largest = with_element(tree_.dtype(), [&]<typename Stored>() {
      float most = 0;
      for (const std::int32_t item : order()) {
        const std::byte* row = tree_.item_embedding(item);
        for (std::size_t d = 0; d < tree_.dim(); ++d) {
          most = std::max(most, std::fabs(load_element<Stored>(row, d)));
        }
      }
      return most;
    });
    const float inverse = 1 / largest;
    return std::isfinite(inverse) ? inverse : 1;
  }

  void widen(std::int32_t item, Element* out) const noexcept {
    widen_row(tree_.item_embedding(item), tree_.dtype(), tree_.dim(), inverse_, out);
  }

  std::vector<Element> widened(std::span<const std::int32_t> items) const {
    std::vector<Element> rows(items.size() * tree_.dim());
    for (std::size_t i = 0; i < items.size(); ++i) widen(items[i], rows.data() + i * tree_.dim());
    return rows;
  }

  // One index of each of kSampledRows equal stretches of `count`, or all of them.
  static std::vector<std::int32_t> sample(std::size_t count, std::uint64_t random) {
    const std::size_t sampled = std::min(count, kSampledRows);
    std::vector<std::int32_t> indices(sampled);
    for (std::size_t i = 0; i < sampled; ++i) {
      const std::size_t first = i * count / sampled;
      const std::size_t length = (i + 1) * count / sampled - first;
      indices[i] = static_cast<std::int32_t>(first + mixed_bits(random + i) % length);
    }
    return indices;
  }

  bool balanced() const noexcept { return options_.split == Split::kBalanced; }

  std::size_t divide_large(const Run& run) {
    context_.throw_if_cancelled();
    const std::uint64_t random = random_of(run);
    const std::span<const std::int32_t> items(order().data() + run.begin, run.size());
    std::vector<std::int32_t> chosen = sample(run.size(), random);
    for (std::int32_t& index : chosen) index = items[static_cast<std::size_t>(index)];
    const std::vector<Element> rows = widened(chosen);
    for (std::size_t i = 0; i < chosen.size(); ++i) chosen[i] = static_cast<std::int32_t>(i);
    const Axis<Element> axis =
        TwoMeans<Element>(tree_.dim()).axis(rows.data(), chosen, balanced(), random);

    std::vector<Margin> margins(run.size());
    const std::size_t chunks = (run.size() + kChunkItems - 1) / kChunkItems;
    context_.parallel_for(chunks, [&](std::size_t chunk) {
      context_.throw_if_cancelled();
      std::vector<Element> row(tree_.dim());
      const std::size_t end = std::min((chunk + 1) * kChunkItems, run.size());
      for (std::size_t i = chunk * kChunkItems; i < end; ++i) {
        widen(items[i], row.data());
        margins[i] = {margin_of(row.data(), axis), static_cast<std::int32_t>(i)};
      }
    });
    std::vector<std::int32_t> moved;
    const std::size_t cut = divide(run, axis.middle, margins, order(), moved);
    note(run, cut);
    return cut;
  }

  // Reorders `order` within the run: the near side in front, both in the order they were in.
  // `margins` are in the order of the run's items.
  std::size_t divide(const Run& run, double middle, std::vector<Margin>& margins,
                     std::vector<std::int32_t>& order, std::vector<std::int32_t>& moved) const {
    const std::size_t half = (run.size() + 1) / 2;
    std::size_t near_count = half;
    std::vector<bool> near(run.size(), false);
    if (!balanced()) {
      near_count = 0;
      for (const Margin& margin : margins) near_count += margin.value > middle;
    }
    // Nothing tells all of them apart: in halves, in order.
    if (near_count == 0 || near_count == run.size()) near_count = half;
    const auto cut = margins.begin() + static_cast<std::ptrdiff_t>(near_count);
    std::nth_element(margins.begin(), cut, margins.end());
    for (auto margin = margins.begin(); margin < cut; ++margin) {
      near[static_cast<std::size_t>(margin->index)] = true;
    }
    moved.clear();
    std::size_t to = run.begin;
    for (std::size_t i = 0; i < run.size(); ++i) {
      const std::int32_t value = order[run.begin + i];
      if (near[i]) {
        order[to++] = value;
      } else {
        moved.push_back(value);
      }
    }
    std::copy(moved.begin(), moved.end(), order.begin() + static_cast<std::ptrdiff_t>(to));
    return to;
  }

  void divide_task(const Run& whole) {
    const std::span<std::int32_t> items(order().data() + whole.begin, whole.size());
    const std::vector<Element> rows = widened(items);
    std::vector<std::int32_t> local(whole.size());
    for (std::size_t i = 0; i < local.size(); ++i) local[i] = static_cast<std::int32_t>(i);
    TwoMeans<Element> means(tree_.dim());
    std::vector<Margin> margins;
    std::vector<std::int32_t> moved, chosen;
    std::vector<Run> left{whole};
    while (!left.empty()) {
      const Run run = left.back();
      left.pop_back();
      if (run.size() < 2) continue;
      context_.throw_if_cancelled();
      const std::uint64_t random = random_of(run);
      const Run here{run.begin - whole.begin, run.end - whole.begin, 0};
      const std::span<const std::int32_t> indices(local.data() + here.begin, here.size());
      chosen = sample(indices.size(), random);
      for (std::int32_t& index : chosen) index = indices[static_cast<std::size_t>(index)];
      const Axis<Element> axis = means.axis(rows.data(), chosen, balanced(), random);
      margins.resize(here.size());
      for (std::size_t i = 0; i < here.size(); ++i) {
        const Element* row = rows.data() + static_cast<std::size_t>(indices[i]) * tree_.dim();
        margins[i] = {margin_of(row, axis), static_cast<std::int32_t>(i)};
      }
      const std::size_t cut = divide(here, axis.middle, margins, local, moved) + whole.begin;
      note(run, cut);
      left.push_back(run.left(cut));
      left.push_back(run.right(cut));
    }
    const std::vector<std::int32_t> before(items.begin(), items.end());
    for (std::size_t i = 0; i < local.size(); ++i) {
      items[i] = before[static_cast<std::size_t>(local[i])];
    }
  }

  const TreeState& tree_;
  const SplitOptions& options_;
  const CallContext& context_;
  std::uint64_t* item_levels_;
  std::size_t task_items_;
  float inverse_ = 1;
  Partition partition_;
};

}  // namespace

Partition split_items(const TreeState& tree, std::vector<std::int32_t> items,
                      const SplitOptions& options, const CallContext& context,
                      std::uint64_t* item_levels) {
  if (has_exact_codes(tree.dtype())) {
    return Splitter<std::int16_t>(tree, std::move(items), options, context, item_levels).run();
  }
  return Splitter<float>(tree, std::move(items), options, context, item_levels).run();
}

}  // namespace kleio
