// The projections of a model's vocabularies, computed once on the device.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "core/ranker_model.h"
#include "cuda/device/request_stream.h"
#include "cuda/kernels/rank_params.h"

namespace kleio::cuda {

struct TabulatedProjections {
  std::shared_ptr<const DeviceBuffer> memory;
  ProjectionTable table;
};

// A table of `columns` columns of all `layers`, put on the stream. Nothing where it would
// take more than an eighth of the device, where there is no memory left for it, or where a row of
// embeddings does not fit a thread block: rankings then compute what they would find there, and
// have the same bits. Throws kDevice, kDeviceLost.
std::optional<TabulatedProjections> tabulate_projections(const RankerModel& model,
                                                         const RankModelParams& params,
                                                         std::span<const LinearParams> layers,
                                                         std::uint32_t columns,
                                                         RequestStream& stream);

}  // namespace kleio::cuda
