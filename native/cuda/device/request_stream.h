// What one request needs of a device while it runs: a stream, pinned memory for what goes up and
// comes down, and a workspace. Requests borrow streams, from any thread; memory grows to what the
// largest request needed and stays, so that in the steady state nothing is allocated, and what
// comes again is put on the stream as one graph.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "cuda/device/device.h"
#include "cuda/device/device_buffer.h"
#include "cuda/device/graph_cache.h"
#include "cuda/device/upload_ring.h"

namespace kleio::cuda {

class DeviceMemory;

class RequestStream {
 public:
  // `graphs`: whether it makes them.
  RequestStream(Device& device, DeviceMemory& memory, GraphCounters& counters, bool graphs);
  ~RequestStream();
  RequestStream(const RequestStream&) = delete;
  RequestStream& operator=(const RequestStream&) = delete;

  Device& device() const noexcept { return device_; }
  StreamHandle handle() const noexcept { return stream_.handle; }
  UploadRing& ring() noexcept { return ring_; }

  // Each is valid until it is asked for again or the stream is given back. Throw kOutOfMemory.
  std::byte* inputs(std::size_t bytes);     // pinned
  std::byte* outputs(std::size_t bytes);    // pinned
  std::byte* workspace(std::size_t bytes);  // of the device

  // Memory of the device for work on the stream. The stream keeps it as well until it is given
  // back: so whoever asked may let go at any time, above all where something throws halfway.
  // Evicts, and throws kOutOfMemory, as DeviceMemory does.
  std::shared_ptr<DeviceBuffer> allocate(std::size_t bytes);
  // Before work on the stream that reads memory which others may let go of.
  void keep(std::shared_ptr<const DeviceBuffer> memory) { kept_.push_back(std::move(memory)); }

  // Puts work over this memory on the stream. Throws kOutOfMemory, kDevice, kDeviceLost.
  void run(const DeviceWork& work) { graphs_.run(work, handle()); }
  // Waits for everything that was put on the stream. Throws kDeviceLost.
  void synchronise() { device_.synchronise(handle()); }
  // The same where something has failed already: on a lost device nothing runs any more.
  void settle() noexcept;
  // Lets go of what it keeps. Nothing may be left on the stream.
  void let_go() noexcept { kept_.clear(); }
  // Gives the workspace's memory back to the device. Nothing may be left on the stream.
  void shrink() noexcept;

 private:
  struct Stream {
    explicit Stream(Device& owner) : device(owner), handle(owner.make_stream()) {}
    ~Stream() { device.destroy_stream(handle); }
    Device& device;
    StreamHandle handle;
  };

  std::byte* pinned(PinnedBuffer& buffer, std::size_t bytes);

  Device& device_;
  DeviceMemory& memory_;
  Stream stream_;
  UploadRing ring_;
  PinnedBuffer inputs_;
  PinnedBuffer outputs_;
  DeviceBuffer workspace_;
  GraphCache graphs_;                                      // over these three
  std::vector<std::shared_ptr<const DeviceBuffer>> kept_;  // that work on the stream may use
};

class RequestStreamPool {
 public:
  // `graphs`: whether streams make them.
  RequestStreamPool(Device& device, DeviceMemory& memory, GraphCounters& counters, bool graphs)
      : device_(device), memory_(memory), counters_(counters), graphs_(graphs) {}

  // Waits for what is left on the stream when it goes.
  class Lease {
   public:
    Lease(RequestStreamPool& pool, std::unique_ptr<RequestStream> stream)
        : pool_(&pool), stream_(std::move(stream)) {}
    Lease(Lease&&) = default;
    ~Lease() {
      if (stream_) pool_->give_back(std::move(stream_));
    }
    RequestStream& operator*() const noexcept { return *stream_; }
    RequestStream* operator->() const noexcept { return stream_.get(); }

   private:
    RequestStreamPool* pool_;
    std::unique_ptr<RequestStream> stream_;
  };

  // Never waits: as many streams are made as requests run at once.
  Lease lend();
  // Gives the workspaces of streams that nobody borrows back to the device.
  void shrink_idle() noexcept;

 private:
  static constexpr std::size_t kKept = 8;
  void give_back(std::unique_ptr<RequestStream> stream) noexcept;

  Device& device_;
  DeviceMemory& memory_;
  GraphCounters& counters_;
  const bool graphs_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<RequestStream>> idle_;
};

}  // namespace kleio::cuda
