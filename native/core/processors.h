// How many processor cores this process may keep busy.
#pragma once

#include <cstddef>

namespace kleio {

// Physical cores among the processors that the process is allowed to run on, and no more than its
// container's CPU quota; at least 1. Two threads of one core share its vector units, so a second
// one adds nothing to a scan.
std::size_t usable_cores();

}  // namespace kleio
