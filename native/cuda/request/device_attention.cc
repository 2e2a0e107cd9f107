#include "cuda/request/device_attention.h"

#include <algorithm>
#include <cstring>

#include "core/kept.h"
#include "cuda/device/upload_block.h"
#include "cuda/kernels/rank_params.h"
#include "cuda/kernels/rank_plan.h"
#include "cuda/residency/device_model.h"
#include "cuda/residency/layer_params.h"

namespace kleio::cuda {
namespace {

// Behaviours that go up at a time.
constexpr std::size_t kLaunchBytes = std::size_t{16} << 20;

// Neighbouring targets of a batch.
struct TargetRange {
  std::size_t first = 0;
  std::size_t count = 0;
};

class DeviceAttention {
 public:
  DeviceAttention(const SemanticAttentionView& layers, const TargetAttentionBatch& batch,
                  const RankPlan& plan)
      : layers_(layers), batch_(batch), width_(layers.heads.front().query.inputs) {
    params_.plan = plan;
    params_.scale = layers.scale;
    params_.k = static_cast<std::uint32_t>(batch.k);
    params_.width = static_cast<std::uint32_t>(width_);
    params_.channels = static_cast<std::uint32_t>(batch.scores.size());
    params_.head_count = static_cast<std::uint32_t>(layers.heads.size());
    for (const AttentionHeadView& head : layers.heads) {
      params_.lifelong_width += static_cast<std::uint32_t>(head.value.outputs);
    }
  }

  std::size_t targets_a_launch() const noexcept {
    return std::max<std::size_t>(1, kLaunchBytes / ((batch_.k + 1) * width_ * sizeof(float)));
  }

  void attend(const TargetRange& range, RequestStream& stream, std::span<float> out) {
    UploadBlock counted;
    add_to(counted, range);
    const std::size_t row = params_.lifelong_width;
    MemoryLayout layout;
    const std::size_t inputs = layout.add<std::byte>(counted.bytes());
    const std::size_t results = layout.add<float>(range.count * row);
    std::byte* const workspace = stream.workspace(layout.bytes());
    std::byte* const host = stream.inputs(counted.bytes());
    UploadBlock block(workspace + inputs, {host, counted.bytes()});
    add_to(block, range);
    params_.out = at<float>(workspace, results);
    params_.count = static_cast<std::uint32_t>(range.count);
    const std::size_t bytes = range.count * row * sizeof(float);
    std::byte* const answers = stream.outputs(bytes);
    DeviceWork work;
    work.upload(workspace + inputs, host, counted.bytes());
    work.launch(stream.device().kernels().attend, params_);
    work.download(answers, params_.out, bytes);
    stream.run(work);
    stream.synchronise();
    std::memcpy(out.data() + range.first * row, answers, bytes);
  }

 private:
  void add_to(UploadBlock& block, const TargetRange& range) {
    std::uint32_t columns = 0;  // of no table
    const HeadLayers heads = add_heads(block, layers_, nullptr, params_.width, columns);
    params_.heads = heads.heads;
    params_.queries = heads.queries;
    params_.targets =
        block.add(std::span(batch_.targets + range.first * width_, range.count * width_));
    const std::size_t places = range.count * batch_.k;
    const auto present = block.make<std::uint32_t>(range.count);
    const auto behaviours = block.make<float>(places * width_);
    const auto scores = block.make<float>(batch_.scores.size() * places);
    const auto mask = block.make<float>(batch_.mask == nullptr ? 0 : places);
    params_.present = present.device;
    params_.behaviours = behaviours.device;
    params_.scores = scores.device;
    params_.mask = batch_.mask == nullptr ? nullptr : mask.device;
    if (block.counts_only()) return;
    for (std::size_t t = 0; t < range.count; ++t) {
      std::size_t to = t * batch_.k;
      for (std::size_t i = 0; i < batch_.k; ++i) {
        const std::size_t from = (range.first + t) * batch_.k + i;
        if (is_empty(from)) continue;
        std::copy_n(batch_.behaviours + from * width_, width_, behaviours.host + to * width_);
        for (std::size_t channel = 0; channel < batch_.scores.size(); ++channel) {
          scores.host[channel * places + to] = batch_.scores[channel][from];
        }
        if (batch_.mask != nullptr) mask.host[to] = batch_.mask[from];
        ++to;
      }
      present.host[t] = static_cast<std::uint32_t>(to - t * batch_.k);
    }
  }

  bool is_empty(std::size_t place) const noexcept {
    return std::ranges::any_of(batch_.scores,
                               [place](const float* scores) { return scores[place] == kNoScore; });
  }

  const SemanticAttentionView& layers_;
  const TargetAttentionBatch& batch_;
  std::size_t width_;
  AttendParams params_;
};

}  // namespace

bool attend_on_device(const SemanticAttentionView& layers, const TargetAttentionBatch& batch,
                      DeviceContext& context, std::span<float> out) {
  constexpr std::size_t kMaxPlaces = std::size_t{1} << 20;
  if (batch.k > kMaxPlaces) return false;
  const RankShape shape = attend_shape(layers, static_cast<std::uint32_t>(batch.k));
  const RankPlan plan = plan_rank(shape, context.device->properties().shared_memory_per_block);
  if (plan.shared_bytes == 0) return false;
  DeviceAttention attention(layers, batch, plan);
  const auto stream = context.streams.lend();
  const std::size_t step = attention.targets_a_launch();
  for (std::size_t first = 0; first < batch.count; first += step) {
    attention.attend({first, std::min(step, batch.count - first)}, *stream, out);
  }
  return true;
}

}  // namespace kleio::cuda
