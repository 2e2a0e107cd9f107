// What threads of the CPU tell each other of a target's rows, against all that they hold.
#include <algorithm>
#include <functional>
#include <vector>

#include "cpu/scan/threshold_board.h"
#include "kernel_tests/check.h"
#include "kernel_tests/sections.h"

namespace kleio::cuda::tests {
namespace {

// The ranks of one thread's candidates, of which it publishes what `share` reach.
std::vector<std::int32_t> publish(Random& random, ThresholdBoard& board, std::size_t thread,
                                  std::size_t target) {
  std::vector<std::int32_t> ranks(board.share() + draw(random, 0, 20));
  for (std::int32_t& rank : ranks) rank = static_cast<std::int32_t>(draw(random, 0, 400)) - 200;
  std::ranges::sort(ranks, std::greater());
  board.places_of(thread)[target].store(ranks[board.share() - 1]);
  return ranks;
}

void check_target(Random& random, ThresholdBoard& board, std::size_t threads, std::size_t target,
                  std::size_t k) {
  std::vector<std::int32_t> held;
  std::int32_t least = std::numeric_limits<std::int32_t>::max();
  for (std::size_t thread = 0; thread < threads; ++thread) {
    require(board.reached_by_all(target) == ThresholdBoard::kNothing,
            "a bound before thread %zu of %zu has published", thread, threads);
    const std::vector<std::int32_t> ranks = publish(random, board, thread, target);
    least = std::min(least, ranks[board.share() - 1]);
    held.insert(held.end(), ranks.begin(), ranks.end());
  }
  const std::int32_t bound = board.reached_by_all(target);
  const auto reached = std::ranges::count_if(held, [&](std::int32_t r) { return r >= bound; });
  require(static_cast<std::size_t>(reached) >= k, "%zu threads: %zd rows reach a bound for %zu",
          threads, static_cast<std::ptrdiff_t>(reached), k);
  require(bound == least, "%zu threads: the bound is %d and could be %d", threads, bound, least);
}

}  // namespace

std::string check_threshold_board(Random& random, std::uint32_t cases) {
  for (std::uint32_t i = 0; i < cases; ++i) {
    const std::size_t threads = draw(random, 1, 8);
    const std::size_t targets = draw(random, 1, 5);
    const std::size_t k = draw(random, 1, 60);
    ThresholdBoard board(threads, targets, k);
    for (std::size_t target = 0; target < targets; ++target) {
      check_target(random, board, threads, target, k);
    }
  }
  return std::to_string(cases) + " boards";
}

}  // namespace kleio::cuda::tests
