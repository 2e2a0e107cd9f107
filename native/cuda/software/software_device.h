// A device in host memory, for tests of everything above `Device` where there is no GPU.
//
// It is stricter than a GPU: fresh and freed memory is poisoned, every allocation ends in a canary,
// and work is put off until somebody waits for it, streams in turn only where events order them. So
// a missing wait, a buffer reused too early and a read of what was never written change results.
//
// What breaks a rule of `Device` ends the device, with a line on stderr that says which: memory
// that is freed under work of another stream, pinned memory under any copy, a write beyond an
// allocation, and a copy or download of what nobody has written since the allocation or since the
// last download from there.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/guarded.h"
#include "cuda/device/device.h"

namespace kleio::cuda {

struct SoftwareDeviceOptions {
  int ordinal = 0;
  std::size_t memory_bytes = std::size_t{1} << 30;
  bool deferred = true;               // false: work is done when it is put on a stream
  std::uint64_t fail_allocation = 0;  // from the n-th on allocations of device memory fail; 0: none
  std::uint64_t failing_allocations = 2;  // so many
  std::uint64_t fail_pinned = 0;          // the n-th allocation of pinned memory fails; 0: none
  std::uint64_t refuse = 0;               // the n-th copy or launch is refused; 0: none
  std::uint64_t fail_launch = 0;          // the n-th launch ends the device; 0: none
  std::uint64_t fail_graph = 0;           // from the n-th on no graph can be made; 0: all can
  std::uint64_t fail_replay = 0;          // the n-th replay ends the device; 0: none
  std::uint64_t refuse_replay = 0;        // the n-th replay finds no memory; 0: none
};

class SoftwareDevice final : public Device {
 public:
  explicit SoftwareDevice(const SoftwareDeviceOptions& options);
  ~SoftwareDevice() override;

  const DeviceProperties& properties() const noexcept override { return properties_; }
  const KernelTable& kernels() const noexcept override { return software_kernels(); }
  bool is_lost() const noexcept override;

  void* allocate(std::size_t bytes, StreamHandle stream) override;
  void free(void* memory, StreamHandle stream) noexcept override;
  void* allocate_pinned(std::size_t bytes) override;
  void free_pinned(void* memory) noexcept override;

  void upload(void* to, const void* from_host, std::size_t bytes, StreamHandle stream) override;
  void download(void* to_host, const void* from, std::size_t bytes, StreamHandle stream) override;
  void copy(void* to, const void* from, std::size_t bytes, StreamHandle stream) override;

  StreamHandle make_stream() override;
  void destroy_stream(StreamHandle stream) noexcept override;
  void synchronise(StreamHandle stream) override;

  EventHandle make_event() override;
  void destroy_event(EventHandle event) noexcept override;
  void record(EventHandle event, StreamHandle stream) override;
  void synchronise(EventHandle event) override;
  void wait(StreamHandle stream, EventHandle event) override;

  GraphHandle make_graph(const DeviceWork& work, StreamHandle stream) override;
  void destroy_graph(GraphHandle graph) noexcept override;
  bool replay(GraphHandle graph, StreamHandle stream) override;

 private:
  struct Operation {
    std::function<void()> run;
    std::vector<const void*> names;  // where it reads and writes; of a launch all its parameters
  };
  struct Stream {
    std::deque<Operation> waiting;
    std::uint64_t done = 0;  // operations that have run
  };
  struct Event {
    Stream* stream = nullptr;
    std::uint64_t position = 0;  // operations of the stream before the event
  };
  struct Allocation {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size = 0;
    std::uint64_t number = 0;  // no other allocation has it, at whatever address
    bool freed = false;        // though work that was put on a stream before may still use it
  };
  using Allocations = std::unordered_map<void*, Allocation>;
  struct Graph {
    DeviceWork work;
    std::vector<std::uint64_t> copied_between;  // allocations, both ends of every copy
  };

  // What threads share. Operations run while it is locked, one at a time.
  struct State {
    explicit State(const SoftwareDeviceOptions& set);

    const SoftwareDeviceOptions options;
    const std::uint32_t poison;
    std::unordered_map<Stream*, std::unique_ptr<Stream>> streams;
    std::unordered_map<Graph*, std::unique_ptr<Graph>> graphs;
    Allocations memory;
    Allocations pinned;
    std::size_t used_bytes = 0;
    std::uint64_t allocations = 0;
    std::uint64_t pinned_allocations = 0;
    std::uint64_t numbered = 0;    // allocations of either kind
    std::uint64_t operations = 0;  // copies and launches
    std::uint64_t launches = 0;
    std::uint64_t captures = 0;
    std::uint64_t replays = 0;
    std::string fault;  // empty: none

    void put(StreamHandle stream, Operation operation);
    void run_until(Stream& stream, std::uint64_t position);
    void run_until(const Event& event);
    void run_everything();
    void put_back(void* freed);
    void require_present() const;
    // Counts a copy or a launch; throws where it is the one to be refused.
    void require_taken(const char* what);
    // Ends the device, unless it has ended.
    void report(const std::string& fault);
    // Whether work that waits on a stream other than `except` names the allocation.
    bool is_named(const void* begin, std::size_t size, const Stream* except) const;
    void fill_with_poison(std::byte* bytes, std::size_t count) const;
    void require_written(const char* what, const void* from, std::size_t bytes);
    void forget(const void* from, std::size_t bytes);
    bool is_pinned(const void* host) const { return find(pinned, host) != nullptr; }
    std::vector<std::uint64_t> allocations_of(const DeviceWork& work) const;
    // The allocation that holds a byte; null: none, or it was freed.
    static const Allocation* find(const Allocations& allocations, const void* byte) {
      const auto found = entry_of(allocations, byte);
      return found == allocations.end() ? nullptr : &found->second;
    }
    static Allocations::const_iterator entry_of(const Allocations& allocations, const void* byte);
  };

  void launch_any(const AnyLaunch& launch, StreamHandle stream) override;

  DeviceProperties properties_;
  Guarded<State> state_;
};

}  // namespace kleio::cuda
