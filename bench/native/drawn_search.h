// A search over rows that are drawn on the GPU.
#pragma once

#include "kernel_tests/search_case.h"
#include "search_shape.h"

namespace kleio::bench {

// One history of all rows, in their order. Elements are normally distributed, nearly, and the same
// for the same shape: each is a hash of its place.
cuda::tests::SearchCase draw_search(const SearchShape& shape);

}  // namespace kleio::bench
