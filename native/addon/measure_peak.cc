#include "addon/measure_peak.h"

#include "addon/arguments.h"
#include "addon/devices.h"
#include "addon/environment.h"

namespace kleio::addon {
namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 40;
constexpr std::uint64_t kMaxMilliseconds = 60'000;

}  // namespace

napi_value measure_peak_rate(const Call& call) {
  const napi_env env = call.env();
  const auto last = static_cast<std::uint64_t>(kLastPeak);
  const auto milliseconds = integer_of(env, call[3], "milliseconds", 1, kMaxMilliseconds);
  const PeakLoop loop = {
      .peak = static_cast<Peak>(integer_of(env, call[0], "peak", 0, last)),
      .threads = integer_of(env, call[1], "threads", 1, kMaxThreads),
      .bytes = integer_of(env, call[2], "bytes", 0, kMaxBytes),
      .seconds = static_cast<double>(milliseconds) / 1000,
  };
  const Backend& backend =
      call.environment().runtime()->accelerators.backend_of(device_of(env, call[4]));
  return Napi::Number::New(env, backend.measure_peak(loop));
}

}  // namespace kleio::addon
