// The sections of the test program, each a promise of the kernels. A section returns what it
// covered, and ends the program where its promise does not hold.
#pragma once

#include <cstdint>
#include <string>

#include "kernel_tests/search_case.h"

namespace kleio::cuda::tests {

std::string check_block_maps();
std::string check_plans(Random& random);
std::string check_fragments(Random& random);
std::string check_wgmma(Random& random);
std::string check_wgmma_rules(Random& random);
std::string check_bounds(Random& random, std::uint32_t cases);
std::string check_margins(Random& random, std::uint32_t cases);
std::string check_lists(Random& random, std::uint32_t cases);
std::string check_overflows(Random& random, std::uint32_t cases);
std::string check_searches(Random& random, std::uint32_t cases);
std::string check_misordered(Random& random, std::uint32_t cases);
std::string check_repeats(Random& random, std::uint32_t repeats);
std::string check_compactions(Random& random, std::uint32_t cases);
std::string check_tiers(Random& random);
std::string check_float_functions();
std::string check_surveys();
std::string check_threshold_board(Random& random, std::uint32_t cases);
std::string check_rank_plans(Random& random);
std::string check_graphs(Random& random);
std::string check_device_errors();
std::string check_device_rules();

}  // namespace kleio::cuda::tests
