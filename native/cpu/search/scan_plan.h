// How a search is cut into pieces of work: a pure function of its shape.
#pragma once

#include <cstddef>

namespace kleio {

struct ScanPlan {
  std::size_t threads = 1;       // that may work on it
  std::size_t tile_targets = 1;  // targets that one piece holds
  std::size_t row_slices = 1;  // threads that share one tile's rows; each keeps its own candidates
};

// `targets` > 0; `panels` of `groups` x 4 dimensions; `k` kept per target; `exact`:
// int8 codes that need no bound; `threads` available.
ScanPlan plan_scan(std::size_t targets, std::size_t panels, std::size_t groups, std::size_t k,
                   bool exact, std::size_t threads) noexcept;

// Into how many shares the final selection of `targets` is cut: choosing one target's places takes
// a few microseconds, handing a share to another thread about ten.
std::size_t plan_merge(std::size_t targets, std::size_t threads) noexcept;

// The order in which a scan visits `count` runs of panels: the i-th is  i * stride mod count  with
// a stride near the golden section of count and coprime to it. Every prefix is then spread evenly
// over the history, so thresholds rise as fast on a history whose scores drift with time (they all
// do) as on a shuffled one.
std::size_t visiting_stride(std::size_t count) noexcept;

}  // namespace kleio
