// The accelerators that this process uses: found when first asked for, opened when first used.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/accelerator.h"

namespace kleio::addon {

// In place of the index of an accelerator.
inline constexpr int kCpu = -1;

class Accelerators {
 public:
  // `cpu` outlives this.
  Accelerators(const Backend& cpu, const AcceleratorOptions& options)
      : cpu_(cpu), options_(options) {}

  // Asked of the driver once.
  const AcceleratorSurvey& survey();
  // Of kCpu, or of an index of the survey. Throws kDevice, saying why there is none.
  const Backend& backend_of(int device);
  // Nothing where the device has not been opened.
  std::optional<AcceleratorUsage> usage_of(std::size_t index);

 private:
  const Backend& cpu_;
  const AcceleratorOptions options_;
  std::mutex mutex_;
  std::optional<AcceleratorSurvey> survey_;
  std::vector<std::unique_ptr<const Accelerator>> opened_;  // by index; nullptr: not yet
};

}  // namespace kleio::addon
