// Tests of the search kernels that need no GPU: what host and device share, exhaustively, and the
// kernels themselves over the software policy. Built and run by native/test-kernels.sh.
//
// usage: search_kernels SECTION [SEED [CASES]]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "kernel_tests/sections.h"

namespace kleio::cuda::tests {
namespace {

// What the section covered, or nothing where there is none of that name.
std::string run_section(const char* name, Random& random, std::uint32_t cases) {
  const auto is = [&](const char* section) { return std::strcmp(name, section) == 0; };
  if (is("block-maps")) return check_block_maps();
  if (is("plans")) return check_plans(random);
  if (is("fragments")) return check_fragments(random);
  if (is("wgmma")) return check_wgmma(random);
  if (is("wgmma-rules")) return check_wgmma_rules(random);
  if (is("bounds")) return check_bounds(random, cases);
  if (is("margins")) return check_margins(random, cases);
  if (is("lists")) return check_lists(random, cases);
  if (is("overflows")) return check_overflows(random, cases);
  if (is("searches")) return check_searches(random, cases);
  if (is("misordered")) return check_misordered(random, cases);
  if (is("repeats")) return check_repeats(random, cases);
  if (is("compactions")) return check_compactions(random, cases);
  if (is("tiers")) return check_tiers(random);
  if (is("float-functions")) return check_float_functions();
  if (is("threshold-board")) return check_threshold_board(random, cases);
  if (is("surveys")) return check_surveys();
  if (is("rank-plans")) return check_rank_plans(random);
  if (is("graphs")) return check_graphs(random);
  if (is("device-errors")) return check_device_errors();
  if (is("device-rules")) return check_device_rules();
  return {};
}

}  // namespace
}  // namespace kleio::cuda::tests

int main(int count, char** arguments) {
  using namespace kleio::cuda::tests;
  if (count < 2) {
    std::fprintf(stderr, "usage: %s SECTION [SEED [CASES]]\n", arguments[0]);
    return 2;
  }
  // Not std::random_device, which would need the glibc of the machine that compiles this.
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  const std::uint64_t seed =
      count > 2 ? std::strtoull(arguments[2], nullptr, 10) : static_cast<std::uint64_t>(now);
  const auto cases =
      static_cast<std::uint32_t>(count > 3 ? std::strtoul(arguments[3], nullptr, 10) : 100);
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  Random random(seed);
  std::string covered;
  try {
    covered = run_section(arguments[1], random, cases);
  } catch (const std::exception& error) {  // of a device that there is not
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  if (covered.empty()) {
    std::fprintf(stderr, "unknown section %s\n", arguments[1]);
    return 2;
  }
  std::printf("%s: %s\n", arguments[1], covered.c_str());
  return 0;
}
