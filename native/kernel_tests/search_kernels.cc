// Tests of the search kernels that need no GPU: what host and device share, exhaustively, and the
// kernels themselves over the software policy. Built and run by native/test-kernels.sh.
//
// usage: search_kernels SECTION [SEED [CASES]]
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>

#include "kernel_tests/sections.h"

int main(int count, char** arguments) {
  using namespace kleio::cuda::tests;
  if (count < 2) {
    std::fprintf(stderr, "usage: search_kernels SECTION [SEED [CASES]]\n");
    return 2;
  }
  const std::uint64_t seed =
      count > 2 ? std::strtoull(arguments[2], nullptr, 10) : std::random_device{}();
  const auto cases =
      static_cast<std::uint32_t>(count > 3 ? std::strtoul(arguments[3], nullptr, 10) : 100);
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  Random random(seed);
  const auto is = [&](const char* section) { return std::strcmp(arguments[1], section) == 0; };
  std::string covered;
  if (is("block-maps")) covered = check_block_maps();
  if (is("plans")) covered = check_plans(random);
  if (is("fragments")) covered = check_fragments(random);
  if (is("wgmma")) covered = check_wgmma(random);
  if (is("wgmma-rules")) covered = check_wgmma_rules(random);
  if (is("bounds")) covered = check_bounds(random, cases);
  if (is("margins")) covered = check_margins(random, cases);
  if (is("lists")) covered = check_lists(random, cases);
  if (is("overflows")) covered = check_overflows(random, cases);
  if (is("searches")) covered = check_searches(random, cases);
  if (is("misordered")) covered = check_misordered(random, cases);
  if (is("repeats")) covered = check_repeats(random, cases);
  if (is("compactions")) covered = check_compactions(random, cases);
  if (is("tiers")) covered = check_tiers(random);
  if (is("float-functions")) covered = check_float_functions();
  if (is("threshold-board")) covered = check_threshold_board(random, cases);
  if (is("surveys")) covered = check_surveys();
  if (is("rank-plans")) covered = check_rank_plans(random);
  if (is("graphs")) covered = check_graphs(random);
  if (covered.empty()) {
    std::fprintf(stderr, "unknown section %s\n", arguments[1]);
    return 2;
  }
  std::printf("%s: %s\n", arguments[1], covered.c_str());
  return 0;
}
