#include "addon/measure_peak.h"

#include "addon/choices.h"
#include "addon/devices.h"
#include "addon/environment.h"
#include "addon/limits.h"

namespace kleio::addon {
namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 40;
constexpr std::uint64_t kMaxMilliseconds = 60'000;

}  // namespace

napi_value measure_peak_rate(const Call& call) {
  const napi_env env = call.env();
  const auto milliseconds = integer_of(env, call[3], "milliseconds", 1, kMaxMilliseconds);
  const PeakLoop loop = {
      .peak = choice_of(env, call[0], "peak", kPeaks),
      .threads = integer_of(env, call[1], "threads", 1, kMaxThreads),
      .bytes = integer_of(env, call[2], "bytes", 0, kMaxBytes),
      .seconds = static_cast<double>(milliseconds) / 1000,
  };
  const Backend& backend =
      call.environment().runtime()->accelerators.backend_of(device_of(env, call[4]));
  const PeakMeter* const meter = backend.peak_meter();
  return Napi::Number::New(env, meter == nullptr ? 0 : meter->measure_peak(loop));
}

}  // namespace kleio::addon
