// Bit for bit what the definition says.
#pragma once

#include <vector>

#include "kernel_tests/device_search.h"
#include "kernel_tests/search_case.h"

namespace kleio::cuda::tests {

// `how` names the way of execution in the message.
void require_equal(const SearchCase& search, const DeviceAnswer& found,
                   const std::vector<Kept>& expected, const char* how);

}  // namespace kleio::cuda::tests
