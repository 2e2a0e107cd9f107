// Memory of a device, shared between what must be there (tables, models, workspaces) and histories,
// which can be sent again: where memory runs short, idle histories leave, the longest idle first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <utility>

#include "cuda/device/device.h"
#include "cuda/device/device_buffer.h"

namespace kleio::cuda {

// Something whose memory the device can have back.
class Evictable {
 public:
  virtual ~Evictable() = default;

 private:
  friend class DeviceMemory;
  // Frees what it holds on the device and returns true, or false while it is in use. It must not
  // wait, nor call the DeviceMemory.
  virtual bool evict() noexcept = 0;

  // Guarded by the DeviceMemory.
  std::list<Evictable*>::iterator place_;
  std::size_t held_bytes_ = 0;  // 0: it has no place
};

class DeviceMemory {
 public:
  // `budget_bytes`: what everything evictable may hold together.
  DeviceMemory(Device& device, std::size_t budget_bytes);
  ~DeviceMemory();
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;

  // Usable by work on `stream` afterwards. Evicts until the memory is there, then gives back what
  // `last_resort` can; throws kOutOfMemory when that does not help.
  DeviceBuffer allocate(std::size_t bytes, StreamHandle stream);

  // What else can free memory; set before the first allocation.
  void set_last_resort(std::function<void()> last_resort) { last_resort_ = std::move(last_resort); }

  // `holder`, in use now, holds `bytes` in all. Evicts others until all of them fit the budget;
  // what is in use may exceed it.
  void hold(Evictable& holder, std::size_t bytes);
  // `holder` holds nothing any more and is never called again.
  void forget(Evictable& holder) noexcept;

  struct Usage {
    std::size_t holders = 0;
    std::size_t held_bytes = 0;
    std::size_t budget_bytes = 0;
    std::uint64_t evictions = 0;
  };
  Usage usage() const noexcept;

 private:
  bool evict_one() noexcept;
  void remove(Evictable& holder) noexcept;

  Device& device_;
  const std::size_t budget_bytes_;
  const StreamHandle freed_on_;  // carries nothing else
  std::function<void()> last_resort_;
  mutable std::mutex mutex_;
  std::list<Evictable*> holders_;  // the most recently used first
  std::size_t held_bytes_ = 0;
  std::uint64_t evictions_ = 0;
};

}  // namespace kleio::cuda
