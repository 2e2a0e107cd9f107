#include "cpu/ranker/attend_targets.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "cpu/ranker/attention_head.h"
#include "cpu/simd/aligned_buffer.h"

namespace kleio {
namespace {

// Targets of a task: some microseconds of work even for a few behaviours.
constexpr std::size_t kTaskTargets = 8;

// One a task: it owns the memory of one target's projections.
class TargetAttention {
 public:
  TargetAttention(const std::vector<AttentionHead>& heads, const SemanticAttentionView& layers,
                  const TargetAttentionBatch& batch, const FloatKernels& kernels)
      : heads_(heads),
        layers_(layers),
        batch_(batch),
        kernels_(kernels),
        width_(layers.heads.front().query.inputs),
        rho_(batch.k),
        mask_(batch.k),
        key_rows_(batch.k),
        value_rows_(batch.k),
        weights_(batch.k + kernels.lanes) {}

  void attend(std::size_t target, float* out) {
    for (std::size_t h = 0; h < heads_.size(); ++h) {
      attend_head(heads_[h], target, out);
      out += layers_.heads[h].value.outputs;
    }
  }

 private:
  void attend_head(const AttentionHead& head, std::size_t target, float* out) {
    project(head.query, batch_.targets + target * width_, 1, query_);
    const float* behaviours = batch_.behaviours + target * batch_.k * width_;
    project(head.key, behaviours, batch_.k, keys_);
    project(head.value, behaviours, batch_.k, values_);
    Attention attention;
    attention.query = query_.data();
    attention.keys = key_rows_.data();
    attention.values = value_rows_.data();
    attention.rho = batch_.scores.empty() ? nullptr : rho_.data();
    attention.mask = batch_.mask == nullptr ? nullptr : mask_.data();
    attention.count = gather(head, target);
    attention.padded_width = head.padded_width;
    attention.padded_value_width = head.padded_value_width;
    attention.scale = layers_.scale;
    attention.gain_alpha = head.gain_alpha;
    attention.gain_rho = head.gain_rho;
    attention.gain_product = head.gain_product;
    float* attended = attended_.require(head.padded_value_width);
    kernels_.attend(attention, weights_.data(), attended);
    std::copy_n(attended, head.value.outputs, out);
  }

  void project(const PackedLinear& layer, const float* x, std::size_t rows,
               AlignedBuffer<float>& y) {
    kernels_.linear(layer, layer.bias.data(), Activation::kSilu, x, width_, rows,
                    y.require(rows * layer.padded_outputs), layer.padded_outputs);
  }

  bool is_empty(std::size_t place) const noexcept {
    return std::ranges::any_of(batch_.scores, [place](const float* scores) {
      return scores[place] == -std::numeric_limits<float>::infinity();
    });
  }

  // The behaviours that are there, packed to the front; returns their number.
  std::size_t gather(const AttentionHead& head, std::size_t target) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < batch_.k; ++i) {
      const std::size_t place = target * batch_.k + i;
      if (is_empty(place)) continue;
      rho_[count] = 0;
      for (std::size_t channel = 0; channel < batch_.scores.size(); ++channel) {
        rho_[count] += batch_.scores[channel][place] / head.temperatures[channel];
      }
      if (batch_.mask != nullptr) mask_[count] = batch_.mask[place];
      key_rows_[count] = keys_.data() + i * head.key.padded_outputs;
      value_rows_[count] = values_.data() + i * head.value.padded_outputs;
      ++count;
    }
    return count;
  }

  const std::vector<AttentionHead>& heads_;
  const SemanticAttentionView& layers_;
  const TargetAttentionBatch& batch_;
  const FloatKernels& kernels_;
  std::size_t width_;
  AlignedBuffer<float> query_, keys_, values_, attended_;
  std::vector<float> rho_, mask_;
  std::vector<const float*> key_rows_, value_rows_;
  std::vector<float> weights_;
};

}  // namespace

void target_attention(const SemanticAttentionView& layers, const TargetAttentionBatch& batch,
                      const FloatKernels& kernels, ThreadPool& pool, std::span<float> out) {
  if (batch.count == 0) return;
  std::vector<AttentionHead> heads;
  for (std::size_t h = 0; h < layers.heads.size(); ++h) {
    heads.push_back(packed_head(layers, h, kernels));
  }
  const std::size_t stride = out.size() / batch.count;
  const std::size_t tasks = (batch.count + kTaskTargets - 1) / kTaskTargets;
  pool.parallel_for(tasks, 0, [&](std::size_t task) {
    TargetAttention attention(heads, layers, batch, kernels);
    const std::size_t end = std::min((task + 1) * kTaskTargets, batch.count);
    for (std::size_t target = task * kTaskTargets; target < end; ++target) {
      attention.attend(target, out.data() + target * stride);
    }
  });
}

}  // namespace kleio
