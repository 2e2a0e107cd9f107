// Requests of one shape are one graph, and a graph never stands for anything but its own work.
#include <cstring>
#include <functional>
#include <memory>
#include <new>
#include <set>

#include "core/error.h"
#include "cuda/device/device_memory.h"
#include "cuda/device/request_stream.h"
#include "cuda/request/shape_buckets.h"
#include "kernel_tests/check.h"
#include "kernel_tests/sections.h"
#include "kernel_tests/test_device.h"

namespace kleio::cuda::tests {
namespace {

constexpr std::uint32_t kKept = 16;  // graphs of a stream

void check_buckets() {
  std::uint64_t last = 0;
  std::set<std::uint64_t> of_an_octave;
  for (std::uint64_t count = 0; count <= 200'000; ++count) {
    const std::uint64_t bucket = bucket_of(count);
    require(bucket >= count && bucket >= last && bucket_of(bucket) == bucket,
            "%llu is in the bucket of %llu", static_cast<unsigned long long>(count),
            static_cast<unsigned long long>(bucket));
    const std::uint64_t added = bucket - count;
    require(count <= 16 ? added < count || count == 0 : added <= count / 8, "a bucket is too wide");
    const std::uint64_t padded = bucket_of(count, 8);
    require(padded % 8 == 0 && padded >= count, "a bucket of whole tiles is not");
    if (count > 1024 && count <= 2048) of_an_octave.insert(bucket);
    last = bucket;
  }
  require(of_an_octave.size() == 8, "%zu buckets to a doubling", of_an_octave.size());
}

// A stream, and what its graphs have counted.
class Subject {
 public:
  explicit Subject(bool graphs = true)
      : device_(open_device()),
        memory_(*device_, std::size_t{1} << 20),
        stream_(std::make_unique<RequestStream>(*device_, memory_, counters_, graphs)) {}

  Device& device() { return *device_; }
  RequestStream& stream() { return *stream_; }
  std::uint64_t held() const { return counters_.held; }
  std::uint64_t captures() const { return counters_.captures; }
  std::uint64_t replays() const { return counters_.replays; }

  // value + times * addend, by the device.
  std::uint32_t ask(std::uint32_t value, std::uint32_t addend, std::uint8_t times = 1) {
    DeviceWork work = describe(addend, times);
    std::memcpy(stream_->inputs(sizeof value), &value, sizeof value);
    stream_->run(work);
    stream_->synchronise();
    std::uint32_t sum = 0;
    std::memcpy(&sum, stream_->outputs(sizeof sum), sizeof sum);
    return sum;
  }

  DeviceWork describe(std::uint32_t addend, std::uint8_t times) {
    std::byte* workspace = stream_->workspace(2 * 256);
    // What the parameters' padding holds is nobody's business.
    alignas(AddParams) std::byte memory[sizeof(AddParams)];
    std::memset(memory, static_cast<int>(++asked_), sizeof memory);
    auto* params = new (memory) AddParams;
    params->value = reinterpret_cast<std::uint32_t*>(workspace);
    params->sum = reinterpret_cast<std::uint32_t*>(workspace + 256);
    params->times = times;
    params->addend = addend;
    DeviceWork work;
    work.upload(workspace, stream_->inputs(sizeof(std::uint32_t)), sizeof(std::uint32_t));
    work.launch(add_value, *params);
    work.download(stream_->outputs(sizeof(std::uint32_t)), params->sum, sizeof(std::uint32_t));
    return work;
  }

 private:
  std::unique_ptr<Device> device_;
  DeviceMemory memory_;
  GraphCounters counters_;
  std::unique_ptr<RequestStream> stream_;
  std::uint32_t asked_ = 0;
};

void check_counts(const Subject& subject, std::uint64_t captures, std::uint64_t replays) {
  require(subject.captures() == captures && subject.replays() == replays,
          "%llu graphs and %llu replays, not %llu and %llu",
          static_cast<unsigned long long>(subject.captures()),
          static_cast<unsigned long long>(subject.replays()),
          static_cast<unsigned long long>(captures), static_cast<unsigned long long>(replays));
}

void check_replays(Random& random) {
  Subject subject;
  for (std::uint32_t round = 0; round < 200; ++round) {
    const auto value = static_cast<std::uint32_t>(random());
    require(subject.ask(value, 7) == value + 7, "round %u", round);
  }
  check_counts(subject, 1, 199);
  require(subject.ask(1, 8) == 9 && subject.ask(1, 7, 3) == 22, "work of another graph was done");
  check_counts(subject, 1, 199);
}

void check_eviction(Random& random) {
  Subject subject;
  for (int pass = 0; pass < 3; ++pass) {
    for (std::uint32_t shape = 0; shape < kKept; ++shape) {
      require(subject.ask(5, shape) == 5 + shape, "shape %u", shape);
    }
  }
  check_counts(subject, kKept, 2 * kKept);
  subject.ask(5, 0);      // replayed; now shape 1 is the longest unasked
  subject.ask(5, kKept);  // takes its place
  require(subject.ask(5, 0) == 5, "shape 0");
  check_counts(subject, kKept, 2 * kKept + 2);
  require(subject.ask(5, 1) == 6, "shape 1");
  check_counts(subject, kKept, 2 * kKept + 2);
  // More shapes than there is room for, in no order.
  for (int i = 0; i < 2000; ++i) {
    const std::uint32_t shape = draw(random, 0, 3 * kKept);
    require(subject.ask(9, shape) == 9 + shape, "shape %u", shape);
    require(subject.held() <= kKept, "more graphs than a stream keeps");
  }
}

// Whatever moves or goes takes its graphs along.
void check_moves() {
  constexpr std::size_t kMore = std::size_t{1} << 20;
  const std::function<void(RequestStream&)> moves[] = {
      [](RequestStream& stream) { stream.workspace(kMore); },
      [](RequestStream& stream) { stream.inputs(kMore); },
      [](RequestStream& stream) { stream.outputs(kMore); },
      [](RequestStream& stream) { stream.shrink(); },
  };
  for (const auto& move : moves) {
    Subject subject;
    for (int i = 0; i < 3; ++i) subject.ask(1, 2);
    check_counts(subject, 1, 2);
    move(subject.stream());
    require(subject.held() == 0, "a graph outlived its memory");
    for (int i = 0; i < 3; ++i) require(subject.ask(4, 2) == 6, "after a move");
    check_counts(subject, 2, 4);
  }
}

void check_off() {
  Subject subject(false);
  for (int i = 0; i < 5; ++i) require(subject.ask(1, 2) == 3, "without graphs");
  check_counts(subject, 0, 0);
}

// A software device notices a graph that outlived its memory.
void check_stale_graph() {
  Subject subject;
  Device& device = subject.device();
  if (device.properties().name != "software device") return;
  const StreamHandle stream = subject.stream().handle();
  const GraphHandle graph = device.make_graph(subject.describe(1, 1), stream);
  subject.stream().shrink();
  bool noticed = false;
  try {
    device.replay(graph, stream);
  } catch (const Error& error) {
    noticed = error.code() == ErrorCode::kDeviceLost;
  }
  require(noticed, "a graph was replayed over memory that had been freed");
  device.destroy_graph(graph);
}

}  // namespace

std::string check_graphs(Random& random) {
  check_buckets();
  check_replays(random);
  check_eviction(random);
  check_moves();
  check_off();
  check_stale_graph();
  return "2 400 requests";
}

}  // namespace kleio::cuda::tests
