// A search to time, as the command line names it: ROWSxTARGETSxDIMxKxDTYPE[:WORD ...].
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/accelerator.h"
#include "core/dtype.h"
#include "core/select_width.h"

namespace kleio::bench {

struct SearchShape {
  std::uint32_t rows = 0;
  std::uint32_t targets = 0;
  std::uint32_t dim = 0;
  std::uint32_t k = 0;
  Dtype dtype = Dtype::kInt8;
  // Each a line of output. kComputed: by lists, if they could pay.
  std::vector<CandidateSearch> searches{CandidateSearch::kBlocks, CandidateSearch::kComputed};
  SelectWidth select = SelectWidth::kBlock;
  bool wgmma = false;  // of the append
};

// Says on stderr what it does not understand, and ends the program with status 2.
SearchShape parse_shape(std::string_view text);

}  // namespace kleio::bench
