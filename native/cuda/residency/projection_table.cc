#include "cuda/residency/projection_table.h"

#include <algorithm>

#include "core/error.h"

namespace kleio::cuda {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{48} << 10;  // of shared memory, without asking

// Rows of embeddings that a thread block holds.
std::uint32_t block_rows(std::size_t width) noexcept {
  const std::size_t fitting = kBlockBytes / (width * sizeof(float));
  return static_cast<std::uint32_t>(std::min<std::size_t>(fitting, kMaxChunkRows)) / kRowTile *
         kRowTile;
}

// Null where there is no memory left.
std::shared_ptr<const DeviceBuffer> try_allocate(std::size_t bytes, RequestStream& stream) {
  try {
    return stream.allocate(bytes);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kOutOfMemory) throw;
    return nullptr;
  }
}

}  // namespace

std::optional<TabulatedProjections> tabulate_projections(const RankerModel& model,
                                                         const RankModelParams& params,
                                                         std::span<const LinearParams> layers,
                                                         std::uint32_t columns,
                                                         RequestStream& stream) {
  const std::size_t items = model.item.ids.size() + 1;
  const std::size_t categories = model.category.ids.size() + 1;
  const std::size_t floats = (items + categories) * columns;
  Device& device = stream.device();
  if (floats * sizeof(float) > device.properties().memory_bytes / 8) return std::nullopt;
  TabulateParams job;
  job.width = params.embedding_dim;
  job.table_stride = columns;
  job.block_rows = block_rows(job.width);
  if (job.block_rows == 0) return std::nullopt;
  auto memory = try_allocate(floats * sizeof(float), stream);
  if (!memory) return std::nullopt;
  auto* const table = reinterpret_cast<float*>(memory->data());
  const auto tabulate = [&](const FeatureParams& feature, std::size_t rows, float* to,
                            std::uint32_t first_input) {
    job.embeddings = feature.embeddings;
    job.rows = static_cast<std::uint32_t>(rows);
    job.table = to;
    job.first_input = first_input;
    device.launch(device.kernels().tabulate, job, stream.handle());
  };
  for (const LinearParams& layer : layers) {
    job.linear = layer;
    tabulate(params.item, items, table, 0);
    tabulate(params.category, categories, table + items * columns, layer.split);
  }
  return TabulatedProjections{std::move(memory), {table, table + items * columns, columns}};
}

}  // namespace kleio::cuda
