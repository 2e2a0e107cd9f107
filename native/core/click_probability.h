// The last step of the ranker, the same for every backend.
#pragma once

#include <cmath>

#include "core/host_device.h"

namespace kleio {

// Softmax over the logits of (not clicked, clicked), in float64; the release adds 1e-7 and clips.
KLEIO_HOST_DEVICE inline float click_probability(float not_clicked, float clicked) noexcept {
  const double odds_against = exp(static_cast<double>(not_clicked) - static_cast<double>(clicked));
  const double probability = 1 / (1 + odds_against) + 1e-7;
  return static_cast<float>(probability < 1.0 ? probability : 1.0);
}

}  // namespace kleio
