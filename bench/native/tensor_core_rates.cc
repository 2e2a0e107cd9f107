// What a GPU can do of what a search is made of: the figures that decide which kernel to write.
//
//   tensor_core_rates [mma | wgmma | memory | launches | atomics ...]      nothing said: all five
//
// Prints one JSON object a line, as soon as it is known:
//   {"probe": NAME, "value": NUMBER, "unit": UNIT}, or {"probe": NAME, "skipped": WHY}
//
// A multiply-add is two operations. The work of a search over 100 000 int8 rows of 128 dimensions
// for 1000 targets is 25.6 tera-operations, so 1350 teraops are 19 microseconds of it.
//   wgmma      rates/wgmma_rates.cu     targets in registers, rows in shared memory: bare, with a
//                                       threshold filter's maxima, with its hits kept
//   mma        rates/mma_rates.cu       rows in registers, as the scan and the append have them
//   launches   rates/launch_costs.cu    empty kernels, alone and in graphs
//   memory     rates/memory_rates.cu    copies and reads of device memory, reads of L2
//   atomics    rates/atomic_rates.cu    global and shared counters
// Each takes a second or two. Data are drawn, since zeros multiply faster; what wgmma computes is
// compared with plain products before it is timed. Exit status: 0, 1 where those differ or CUDA
// fails, 2 where a name is not understood.
#include <array>
#include <cstdio>
#include <cstring>
#include <span>

#include "cuda_check.h"
#include "rates/probe.h"

namespace {

struct Measurement {
  const char* name;
  bool (*measure)(const cudaDeviceProp& gpu);
};

constexpr std::array kMeasurements = {Measurement{"wgmma", kleio::bench::measure_wgmma},
                                      Measurement{"mma", kleio::bench::measure_mma},
                                      Measurement{"memory", kleio::bench::measure_memory},
                                      Measurement{"atomics", kleio::bench::measure_atomics},
                                      Measurement{"launches", kleio::bench::measure_launches}};

bool is_among(std::span<char*> asked, const char* name) {
  for (const char* one : asked) {
    if (std::strcmp(one, name) == 0) return true;
  }
  return false;
}

bool is_known(const char* name) {
  for (const Measurement& one : kMeasurements) {
    if (std::strcmp(one.name, name) == 0) return true;
  }
  return false;
}

}  // namespace

int main(int count, char** arguments) {
  const std::span asked(arguments + 1, static_cast<std::size_t>(count - 1));
  for (const char* name : asked) {
    if (is_known(name)) continue;
    std::fprintf(stderr, "tensor_core_rates: %s is none of mma, wgmma, memory, launches, atomics\n",
                 name);
    return 2;
  }
  const cudaDeviceProp gpu = kleio::bench::properties_of_gpu();
  bool all_right = true;
  for (const Measurement& one : kMeasurements) {
    if (asked.empty() || is_among(asked, one.name)) all_right = one.measure(gpu) && all_right;
  }
  return all_right ? 0 : 1;
}
