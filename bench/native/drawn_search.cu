#include <cuda_runtime.h>

#include <memory>
#include <utility>

#include "cuda_check.h"
#include "drawn_search.h"

namespace kleio::bench {
namespace {

constexpr std::uint64_t kRowSeed = 20251;
constexpr std::uint64_t kTargetSeed = 20252;
constexpr unsigned kThreads = 256;
constexpr float kCodeScale = 40;  // beyond int8 lies one in seven hundred

// splitmix64: a counter that is mixed.
__device__ std::uint64_t hash_of(std::uint64_t place, std::uint64_t seed) {
  std::uint64_t z = (place + (seed << 40)) * 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

// The sum of four even distributions is nearly normal; of mean 0 and variance 1.
__device__ float normal(std::uint64_t hash) {
  const auto sum = static_cast<std::int32_t>((hash & 0xffff) + (hash >> 16 & 0xffff) +
                                             (hash >> 32 & 0xffff) + (hash >> 48));
  return static_cast<float>(sum - 131070) * (1 / 37837.0f);
}

template <typename Element>
__global__ void draw_kernel(typename Element::Stored* elements, std::uint64_t count,
                            std::uint64_t seed) {
  constexpr float kScale = Element::kExactCodes ? kCodeScale : 1;
  const std::uint64_t stride = std::uint64_t{gridDim.x} * blockDim.x;
  for (std::uint64_t i = std::uint64_t{blockIdx.x} * blockDim.x + threadIdx.x; i < count;
       i += stride) {
    const float value = kScale * normal(hash_of(i, seed));
    elements[i] = Element::narrow(fminf(fmaxf(value, Element::kLowest), Element::kMost));
  }
}

void draw_elements(void* elements, std::uint64_t count, std::uint64_t seed, Dtype dtype) {
  with_element(dtype, [&]<typename Element>() {
    draw_kernel<Element>
        <<<2048, kThreads>>>(static_cast<typename Element::Stored*>(elements), count, seed);
  });
  succeed(cudaPeekAtLastError(), "drawing");
}

struct Free {
  void operator()(void* memory) const { cudaFree(memory); }
};

// The host needs all of them: it encodes them as the product does, and searches by the definition.
std::vector<std::byte> draw(std::uint64_t count, std::uint64_t seed, Dtype dtype) {
  std::vector<std::byte> drawn(count * size_of(dtype));
  void* memory = nullptr;
  succeed(cudaMalloc(&memory, drawn.size()), "memory to draw in");
  const std::unique_ptr<void, Free> owned(memory);
  draw_elements(memory, count, seed, dtype);
  succeed(cudaMemcpy(drawn.data(), memory, drawn.size(), cudaMemcpyDeviceToHost), "fetching");
  return drawn;
}

}  // namespace

cuda::tests::SearchCase draw_search(const SearchShape& shape) {
  cuda::tests::SearchCase search;
  search.family = "drawn";
  search.dtype = shape.dtype;
  search.dim = shape.dim;
  search.rows = shape.rows;
  search.k = shape.k;
  search.table = draw(std::uint64_t{shape.rows} * shape.dim, kRowSeed, shape.dtype);
  cuda::tests::UserCase& user = search.users.emplace_back();
  user.packed = true;
  user.slots = shape.rows;
  const std::vector<std::byte> targets =
      draw(std::uint64_t{shape.targets} * shape.dim, kTargetSeed, shape.dtype);
  const std::size_t row_bytes = search.view().row_stride_bytes();
  for (std::uint32_t t = 0; t < shape.targets; ++t) {
    const std::byte* row = targets.data() + t * row_bytes;
    user.targets.emplace_back(row, row + row_bytes);
  }
  return search;
}

}  // namespace kleio::bench
