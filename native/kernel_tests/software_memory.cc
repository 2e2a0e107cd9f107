// The memory of a device in software: the host's, each array by itself, so that a sanitizer sees
// its ends.
#include <algorithm>
#include <cstring>
#include <new>

#include "kernel_tests/kernel_memory.h"

namespace kleio::cuda::tests {
namespace {

constexpr std::align_val_t kAlignment{256};

}  // namespace

void* allocate(std::size_t bytes) {
  void* memory = operator new(std::max<std::size_t>(1, bytes), kAlignment);
  std::memset(memory, 0xff, bytes);
  return memory;
}

void free_memory(void* memory) noexcept {
  operator delete(memory, kAlignment);
}

void copy_to_device(void* device, const void* host, std::size_t bytes) {
  if (bytes > 0) std::memcpy(device, host, bytes);
}

void copy_from_device(void* host, const void* device, std::size_t bytes) {
  if (bytes > 0) std::memcpy(host, device, bytes);
}

}  // namespace kleio::cuda::tests
