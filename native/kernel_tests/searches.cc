// Whole searches through the software kernels, against the definition, bit for bit.
#include "cuda/kernels/row_blocks.h"
#include "cuda/kernels/select_layout.h"
#include "kernel_tests/check.h"
#include "kernel_tests/device_search.h"
#include "kernel_tests/equality.h"
#include "kernel_tests/sections.h"

namespace kleio::cuda::tests {
namespace {

CaseLimits limits_of(std::uint32_t index) {
  if (index % 64 == 63) {  // more blocks than one pass of the select lists
    return {.slots = 9000, .dim = 40, .targets = 3};
  }
  if (index % 16 == 7) {  // more targets than the wide select takes
    return {.slots = 80, .dim = 24, .targets = 3 * kFewTargets};
  }
  return {};
}

// Where scores differ, the rows of hardly more than K blocks are visited, whichever way their
// threshold was found.
void check_visits(Random& random, std::uint32_t k, std::uint32_t targets, SelectWidth width) {
  SearchCase search = long_case(random, k);
  UserCase& user = search.users.front();
  for (std::uint32_t t = 0; t < targets; ++t) user.targets.push_back(random_row(random, search, t));
  Execution execution;
  execution.seed = random();
  execution.fold = 1;
  execution.width = width;
  const DeviceAnswer found = search_on_device(search, execution);
  const RowBlocks blocks{scan_on_device(search, execution).row_tiles, 1};
  const std::uint32_t most = (k + k / 4 + 8) * blocks.rows_per_block();
  for (const SelectCounts& counts : found.counts) {
    require(counts.visited_rows <= most, "k = %u: %u rows are visited, more than %u", k,
            counts.visited_rows, most);
  }
}

// As planned, and with a sample and a staging that are not.
void check_by_lists(Random& random, const SearchCase& search, Execution execution,
                    const std::vector<Kept>& expected) {
  execution.search = CandidateSearch::kLists;
  execution.seed = random();
  execution.width = draw_width(random);
  require_equal(search, search_on_device(search, execution), expected, "by lists");
  execution.seed = random();
  execution.width = draw_width(random);
  execution.stride = draw(random, 1, 16);
  execution.stage_capacity = draw(random, 1, 200);
  require_equal(search, search_on_device(search, execution), expected, "by another sample");
  execution.seed = random();
  execution.wgmma = true;
  require_equal(search, search_on_device(search, execution), expected, "by wgmma");
}

// A score that is exactly the least one allowed is kept.
void check_limit(Random& random, SearchCase search, const std::vector<Kept>& expected) {
  for (const Kept& kept : expected) {
    if (kept.empty()) continue;
    search.min_score = kept[random() % kept.size()].second;
    Execution execution;
    execution.seed = random();
    execution.width = draw_width(random);
    require_equal(search, search_on_device(search, execution), answers(search), "at the limit");
    return;
  }
}

}  // namespace

std::string check_searches(Random& random, std::uint32_t cases) {
  for (const SelectWidth width : {SelectWidth::kBlock, SelectWidth::kWarp}) {
    check_visits(random, 50, 4, width);
    check_visits(random, 1024, kFewTargets + 1, width);
  }
  std::uint64_t targets = 0;
  for (std::uint32_t i = 0; i < cases; ++i) {
    const SearchCase search = random_case(random, limits_of(i));
    const std::vector<Kept> expected = answers(search);
    Execution execution;
    execution.seed = random();
    execution.multiprocessors = draw(random, 1, 40);
    execution.width = draw_width(random);
    require_equal(search, search_on_device(search, execution), expected, "as planned");
    execution.seed = random();
    execution.width = draw_width(random);
    execution.fold = 1u << random() % 4;
    require_equal(search, search_on_device(search, execution), expected, "with another fold");
    execution.seed = random();
    execution.one_launch = true;
    require_equal(search, search_on_device(search, execution), expected, "in one launch");
    execution.one_launch = false;
    execution.fold.reset();
    check_by_lists(random, search, execution, expected);
    check_limit(random, search, expected);
    targets += expected.size();
  }
  return std::to_string(targets) + " targets";
}

// Ties by the thousand, again and again: every order of execution gives the same bits.
std::string check_repeats(Random& random, std::uint32_t repeats) {
  SearchCase search;
  do {
    search = random_case(random, {.slots = 3000, .dim = 24, .targets = 12});
  } while (search.family != "few values" || search.users[0].targets.empty() ||
           search.users[0].slots < 1000);
  const std::vector<Kept> expected = answers(search);
  for (std::uint32_t i = 0; i < repeats; ++i) {
    Execution execution;
    execution.seed = random();
    execution.search = i % 2 == 0 ? CandidateSearch::kBlocks : CandidateSearch::kLists;
    execution.stride = 4;
    execution.one_launch = i % 2 == 1;
    execution.width = draw_width(random);
    require_equal(search, search_on_device(search, execution), expected, "repeated");
  }
  return std::to_string(repeats) + " repeats";
}

std::string check_compactions(Random& random, std::uint32_t cases) {
  std::uint64_t compacted = 0;
  for (std::uint32_t i = 0; i < cases; ++i) {
    SearchCase search = random_case(random, {.slots = 900, .dim = 24, .targets = 6});
    search.k = draw(random, 1, 30);
    Execution execution;
    execution.seed = random();
    execution.small_blocks = one_in(random, 2);
    execution.width = SelectWidth::kWarp;
    execution.one_launch = execution.small_blocks && one_in(random, 2);
    const DeviceAnswer found = search_on_device(search, execution);
    require_equal(search, found, answers(search), "with small blocks");
    execution.search = CandidateSearch::kLists;
    require_equal(search, search_on_device(search, execution), answers(search),
                  "with small blocks, by lists");
    for (const SelectCounts& counts : found.counts) compacted += counts.compactions;
  }
  require(compacted > 0, "no buffer was ever full: the test forces nothing");
  return std::to_string(compacted) + " compactions";
}

}  // namespace kleio::cuda::tests
