#include "addon/exact_search_unit.h"

#include <span>
#include <string>
#include <vector>

#include "addon/arguments.h"
#include "addon/devices.h"
#include "addon/environment.h"
#include "addon/limits.h"
#include "core/simtier.h"
#include "core/target_attention_batch.h"

namespace kleio::addon {
namespace {

constexpr std::uint64_t kMaxWidth = 1u << 20;
constexpr std::uint32_t kMaxHeads = 1024;

std::span<const float> floats_of(const Napi::Object& object, const char* name) {
  return elements_of<float>(object.Env(), object.Get(name), name);
}

std::span<const float> finite(std::span<const float> values, std::size_t columns,
                              const char* name) {
  if (!values.empty() && columns > 0) {
    require_finite({reinterpret_cast<const std::byte*>(values.data()), values.size() / columns,
                    columns, Dtype::kFloat32},
                   name);
  }
  return values;
}

// The arguments of one call; spans into the caller's arrays.
class AttentionCall {
 public:
  explicit AttentionCall(const Napi::Object& input) : input_(input), env_(input.Env()) {
    batch.count = size("count", kMaxRows);
    batch.k = size("k", kMaxRows);
    width_ = integer_of(env_, input.Get("width"), "width", 1, kMaxWidth);
    layers.scale = static_cast<float>(number_of(env_, input.Get("scale"), "scale"));
    read_heads();
    read_behaviours();
    read_scores();
  }

  std::size_t output_width() const noexcept {
    std::size_t total = 0;
    for (const AttentionHeadView& head : layers.heads) total += head.value.outputs;
    return total;
  }

  SemanticAttentionView layers;
  TargetAttentionBatch batch;

 private:
  std::size_t size(const char* name, std::uint64_t most) const {
    return integer_of(env_, input_.Get(name), name, 0, most);
  }

  LinearView linear(const Napi::Object& head, const char* name) const {
    const Napi::Object layer = object_of(env_, head.Get(name), name);
    const auto bias = finite(floats_of(layer, "bias"), 1, (std::string(name) + ".bias").c_str());
    const auto weight =
        finite(floats_of(layer, "weight"), width_, (std::string(name) + ".weight").c_str());
    require_length(weight.size(), std::uint64_t{bias.size()} * width_, "weight",
                   "outputs times inputs");
    return {weight.data(), bias.data(), bias.size(), width_};
  }

  void read_heads() {
    const Napi::Object heads = object_of(env_, input_.Get("heads"), "heads");
    const auto count = static_cast<std::uint32_t>(
        integer_of(env_, heads.Get("length"), "heads.length", 1, kMaxHeads));
    for (std::uint32_t h = 0; h < count; ++h) {
      const Napi::Object head = object_of(env_, heads.Get(h), "heads");
      layers.heads.push_back({linear(head, "query"), linear(head, "key"), linear(head, "value")});
      require_length(layers.heads.back().key.outputs, layers.heads.back().query.outputs, "key.bias",
                     "the outputs of the query");
    }
  }

  void read_behaviours() {
    const std::uint64_t places = std::uint64_t{batch.count} * batch.k;
    const auto targets = finite(floats_of(input_, "target"), width_, "target");
    require_length(targets.size(), std::uint64_t{batch.count} * width_, "target", "count * width");
    const auto behaviours = finite(floats_of(input_, "behaviours"), width_, "behaviours");
    // Divided, because the product of all three might not fit.
    require_length(behaviours.size() % width_, 0, "the last behaviour", "whole");
    require_length(behaviours.size() / width_, places, "behaviours", "count * k rows");
    batch.targets = targets.data();
    batch.behaviours = behaviours.data();
    if (Napi::Value(env_, input_.Get("mask")).IsUndefined()) return;
    const auto mask = floats_of(input_, "mask");
    require_length(mask.size(), places, "mask", "count * k");
    batch.mask = mask.data();
  }

  void read_scores() {
    const Napi::Object channels = object_of(env_, input_.Get("scores"), "scores");
    const auto count = static_cast<std::uint32_t>(
        integer_of(env_, channels.Get("length"), "scores.length", 0, kMaxChannels));
    layers.channels = count;
    if (count == 0) return;
    for (std::uint32_t c = 0; c < count; ++c) {
      const auto scores = elements_of<float>(env_, channels.Get(c), "scores");
      require_length(scores.size(), std::uint64_t{batch.count} * batch.k, "scores", "count * k");
      require_scores(scores);
      batch.scores.push_back(scores.data());
    }
    const std::size_t heads = layers.heads.size();
    const auto temperatures = finite(floats_of(input_, "temperatures"), heads, "temperatures");
    require_length(temperatures.size(), std::uint64_t{count} * heads, "temperatures",
                   "channels * heads");
    const auto gains = finite(floats_of(input_, "gains"), heads, "gains");
    require_length(gains.size(), 3 * heads, "gains", "3 * heads");
    layers.temperatures = temperatures.data();
    layers.gains = gains.data();
  }

  // Finite, or the -infinity of an empty place.
  void require_scores(std::span<const float> scores) const {
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const float score = scores[i];
      if (score <= std::numeric_limits<float>::max()) continue;
      throw Error(ErrorCode::kNotFinite,
                  "scores must be finite, or -Infinity for an empty place; row " +
                      std::to_string(i / batch.k) + ", column " + std::to_string(i % batch.k) +
                      " is " + (score != score ? "NaN" : "Infinity"));
    }
  }

  const Napi::Object& input_;
  napi_env env_;
  std::size_t width_ = 0;
};

}  // namespace

napi_value sim_tier(const Call& call) {
  const napi_env env = call.env();
  const auto scores = elements_of<float>(env, call[0], "scores");
  const std::size_t k = integer_of(env, call[1], "k", 1, kMaxRows);
  const auto weights = finite(elements_of<float>(env, call[2], "weights"), 1, "weights");
  const double tier_width = number_of(env, call[3], "eps");
  if (!(tier_width >= kMinTierWidth && tier_width <= kMaxTierWidth)) {
    throw Error(ErrorCode::kRange, "eps must be from " +
                                       number_text(static_cast<float>(kMinTierWidth)) + " to " +
                                       number_text(static_cast<float>(kMaxTierWidth)));
  }
  const auto out = elements_of<float>(env, call[4], "out");
  require_length(scores.size() % k, 0, "scores", "a multiple of k, with the remainder");
  require_length(out.size(), std::uint64_t{scores.size() / k} * weights.size(), "out",
                 "count * tiers");
  kleio::sim_tier(scores, k, weights, static_cast<float>(tier_width), out);
  return nullptr;
}

napi_value semantic_target_attention(const Call& call) {
  const Napi::Object input = object_of(call.env(), call[0], "input");
  const AttentionCall attention(input);
  const auto out = elements_of<float>(call.env(), call[1], "out");
  require_length(out.size(), std::uint64_t{attention.batch.count} * attention.output_width(), "out",
                 "count * width");
  ProcessRuntime& runtime = *call.environment().runtime();
  runtime.accelerators.backend_of(device_of(call.env(), input.Get("device")))
      .attend(attention.layers, attention.batch, {runtime.pool}, out);
  return nullptr;
}

}  // namespace kleio::addon
