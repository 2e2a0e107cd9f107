#include "cuda/device/cuda_memory.h"

#include <cuda_runtime_api.h>

#include <cstdint>
#include <string>

#include "core/error.h"

namespace kleio::cuda {
namespace {

cudaStream_t native(StreamHandle stream) {
  return static_cast<cudaStream_t>(stream.native);
}
cudaMemPool_t native_pool(void* pool) {
  return static_cast<cudaMemPool_t>(pool);
}

bool has_pools(int ordinal) {
  int supported = 0;
  const cudaError_t error =
      cudaDeviceGetAttribute(&supported, cudaDevAttrMemoryPoolsSupported, ordinal);
  if (error != cudaSuccess) cudaGetLastError();  // a driver that does not know the question
  return error == cudaSuccess && supported != 0;
}

cudaError_t make_pool(int ordinal, cudaMemPool_t* pool) {
  cudaMemPoolProps wanted = {};
  wanted.allocType = cudaMemAllocationTypePinned;
  wanted.location.type = cudaMemLocationTypeDevice;
  wanted.location.id = ordinal;
  if (const cudaError_t error = cudaMemPoolCreate(pool, &wanted); error != cudaSuccess) {
    *pool = nullptr;
    return error;
  }
  // What is freed stays with the process: in the steady state nothing goes to the driver.
  std::uint64_t threshold = ~std::uint64_t{0};
  return cudaMemPoolSetAttribute(*pool, cudaMemPoolAttrReleaseThreshold, &threshold);
}

}  // namespace

CudaMemory::CudaMemory(int ordinal) : ordinal_(ordinal) {
  if (!has_pools(ordinal)) return;
  cudaMemPool_t pool = nullptr;
  const cudaError_t error = make_pool(ordinal, &pool);
  if (error == cudaSuccess) {
    pool_ = pool;
    return;
  }
  if (pool != nullptr) cudaMemPoolDestroy(pool);
  cudaGetLastError();
  throw Error(ErrorCode::kDevice, "cuda:" + std::to_string(ordinal) +
                                      " cannot be opened: it makes no memory pool: " +
                                      cudaGetErrorName(error) + ", " + cudaGetErrorString(error));
}

CudaMemory::~CudaMemory() {
  if (pool_ == nullptr) return;
  if (cudaSetDevice(ordinal_) == cudaSuccess) cudaMemPoolDestroy(native_pool(pool_));
  cudaGetLastError();
}

// The driver's own memory can be used at once, by any stream.
DeviceError CudaMemory::allocate(void** memory, std::size_t bytes, StreamHandle stream) noexcept {
  if (pool_ == nullptr) return cudaMalloc(memory, bytes);
  return cudaMallocFromPoolAsync(memory, bytes, native_pool(pool_), native(stream));
}

// It is gone at once, too: slow, but right.
DeviceError CudaMemory::free(void* memory, StreamHandle stream) noexcept {
  if (pool_ != nullptr) return cudaFreeAsync(memory, native(stream));
  cudaStreamSynchronize(native(stream));
  return cudaFree(memory);
}

}  // namespace kleio::cuda
