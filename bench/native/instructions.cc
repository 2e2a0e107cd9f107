// Runs one kernel a fixed number of times inside `measured`, for callgrind to count instructions
// in.
//
//   instructions ISA KERNEL      without arguments: lists the kernels, one a line
//
// Valgrind knows no AVX-512, so the counts are of the scalar and AVX2 kernels: the same algorithms.
#include <cstdio>
#include <cstring>
#include <functional>
#include <vector>

#include "cpu/levels/isa.h"
#include "scan_fixture.h"

// What callgrind is told to look into: must keep its name and be called.
extern "C" __attribute__((noinline)) void measured(const std::function<void()>& run) {
  run();
}

namespace {

using kleio::FloatKernels;
using kleio::Isa;

constexpr std::size_t kRows = 48;
constexpr std::size_t kInputs = 256;
constexpr std::size_t kOutputs = 128;
constexpr std::size_t kTargets = 12;
constexpr long kPanels = 100;

std::vector<float> ramp(std::size_t length) {
  std::vector<float> values(length);
  for (std::size_t i = 0; i < length; ++i) {
    values[i] = static_cast<float>(i % 17) * 0.0625f - 0.5f;
  }
  return values;
}

void count_scan(kleio::Scan::Kernel kernel, const kleio::CpuKernels& kernels) {
  kleio::Scan scan(kernels, kTargets);
  measured([&] { scan.run(kernel, kPanels); });
}

void count_canonical_dots(const kleio::CpuKernels& kernels) {
  const std::vector<float> values = ramp(kRows * kInputs);
  const std::vector<double> target(values.begin(), values.begin() + kInputs);
  std::vector<const float*> rows(kRows);
  for (std::size_t row = 0; row < kRows; ++row) rows[row] = values.data() + row * kInputs;
  std::vector<double> dots(kRows);
  measured(
      [&] { kernels.canonical_dots(target.data(), rows.data(), kRows, kInputs, dots.data()); });
}

void count_linear(const FloatKernels& kernels) {
  const std::vector<float> weight = ramp(kInputs * kOutputs);
  const std::vector<float> bias = ramp(kOutputs);
  const kleio::PackedLinear layer({weight.data(), bias.data(), kOutputs, kInputs},
                                  kernels.tile_outputs);
  const std::vector<float> x = ramp(kRows * kInputs);
  std::vector<float> y(kRows * layer.padded_outputs);
  measured([&] {
    kernels.linear(layer, layer.bias.data(), kleio::Activation::kSilu, x.data(), kInputs, kRows,
                   y.data(), layer.padded_outputs);
  });
}

void count_dice(const FloatKernels& kernels) {
  std::vector<float> x = ramp(kRows * kOutputs);
  const std::vector<float> gamma = ramp(kOutputs);
  measured([&] { kernels.dice(x.data(), kOutputs, kRows, kOutputs, gamma.data()); });
}

struct Kernel {
  const char* name;
  void (*count)(const Isa& isa);
};

constexpr Kernel kKernels[] = {
    {"scan_exact", [](const Isa& isa) { count_scan(isa.kernels.scan_exact, isa.kernels); }},
    {"scan_certified", [](const Isa& isa) { count_scan(isa.kernels.scan_certified, isa.kernels); }},
    {"canonical_dots", [](const Isa& isa) { count_canonical_dots(isa.kernels); }},
    {"linear", [](const Isa& isa) { count_linear(isa.floats); }},
    {"dice", [](const Isa& isa) { count_dice(isa.floats); }},
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    for (const Kernel& kernel : kKernels) std::puts(kernel.name);
    return 0;
  }
  const Isa& isa = kleio::choose_isa(argv[1]);
  for (const Kernel& kernel : kKernels) {
    if (std::strcmp(kernel.name, argv[2]) == 0) {
      kernel.count(isa);
      return 0;
    }
  }
  std::fprintf(stderr, "there is no kernel '%s'\n", argv[2]);
  return 2;
}
