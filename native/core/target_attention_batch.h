// A batch of target attentions outside a ranker: every target with behaviours of its own.
#pragma once

#include <cstddef>
#include <vector>

namespace kleio {

struct TargetAttentionBatch {
  std::size_t count = 0;
  std::size_t k = 0;                  // behaviours of a target
  const float* targets = nullptr;     // [count, width], the width of the layers' inputs
  const float* behaviours = nullptr;  // [count, k, width]
  // [channels] of [count, k], finite or -infinity: an empty place, which is left out. No channel:
  // the layers' temperatures and gains are not read, and alpha alone counts.
  std::vector<const float*> scores;
  const float* mask = nullptr;  // [count, k], 0 is masked; or nullptr
};

}  // namespace kleio
