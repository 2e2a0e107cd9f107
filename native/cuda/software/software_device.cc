#include "cuda/software/software_device.h"

#include <cstdio>
#include <cstring>
#include <utility>

#include "core/error.h"

namespace kleio::cuda {
namespace {

constexpr std::size_t kMaxPutOff = 64;  // operations of a stream

// The words of a launch's parameters: what is a pointer among them is not known.
std::vector<const void*> words_of(const void* params, std::size_t bytes) {
  std::vector<const void*> words(bytes / sizeof(void*));
  std::memcpy(words.data(), params, words.size() * sizeof(void*));
  return words;
}

}  // namespace

SoftwareDevice::SoftwareDevice(const SoftwareDeviceOptions& options) : state_(options) {
  properties_.ordinal = options.ordinal;
  properties_.name = "software device";
  properties_.compute_major = 8;
  properties_.multiprocessors = 4;
  properties_.shared_memory_per_block = 163 << 10;
  properties_.wgmma = true;  // its kernels are of any capability
  properties_.memory_bytes = options.memory_bytes;
}

SoftwareDevice::~SoftwareDevice() {
  const auto state = state_.lock();
  state->run_everything();
  if (!state->memory.empty() || !state->pinned.empty() || !state->streams.empty() ||
      !state->graphs.empty()) {
    std::fprintf(
        stderr,
        "software device: %zu allocations, %zu pinned ones, %zu streams, %zu graphs leaked\n",
        state->memory.size(), state->pinned.size(), state->streams.size(), state->graphs.size());
  }
}

bool SoftwareDevice::is_lost() const noexcept {
  return !state_.lock()->fault.empty();
}

void SoftwareDevice::State::require_present() const {
  if (!fault.empty()) throw Error(ErrorCode::kDeviceLost, fault);
}

void SoftwareDevice::State::report(const std::string& what) {
  if (!fault.empty()) return;
  fault = what;
  std::fprintf(stderr, "software device: %s\n", fault.c_str());
}

void SoftwareDevice::State::require_taken(const char* what) {
  require_present();
  if (++operations != options.refuse) return;
  throw Error(ErrorCode::kDevice, std::string("the device refused ") + what);
}

void SoftwareDevice::upload(void* to, const void* from_host, std::size_t bytes,
                            StreamHandle stream) {
  if (bytes == 0) return;
  const auto state = state_.lock();
  state->require_taken("an upload");
  if (state->is_pinned(from_host)) {
    state->put(stream, {[=] { std::memcpy(to, from_host, bytes); }, {to, from_host}});
    return;
  }
  const auto* first = static_cast<const std::byte*>(from_host);
  const auto write = [to, copied = std::vector<std::byte>(first, first + bytes)] {
    std::memcpy(to, copied.data(), copied.size());
  };
  state->put(stream, {write, {to}});
}

void SoftwareDevice::download(void* to_host, const void* from, std::size_t bytes,
                              StreamHandle stream) {
  if (bytes == 0) return;
  const bool waits = [&] {
    const auto state = state_.lock();
    state->require_taken("a download");
    const auto take = [&shared = *state, to_host, from, bytes] {
      shared.require_written("a download", from, bytes);
      std::memcpy(to_host, from, bytes);
      shared.forget(from, bytes);
    };
    state->put(stream, {take, {to_host, from}});
    return !state->is_pinned(to_host);
  }();
  if (waits) synchronise(stream);
}

void SoftwareDevice::copy(void* to, const void* from, std::size_t bytes, StreamHandle stream) {
  if (bytes == 0) return;
  const auto state = state_.lock();
  state->require_taken("a copy");
  const auto copy = [&shared = *state, to, from, bytes] {
    shared.require_written("a copy", from, bytes);
    std::memcpy(to, from, bytes);
  };
  state->put(stream, {copy, {to, from}});
}

StreamHandle SoftwareDevice::make_stream() {
  const auto state = state_.lock();
  state->require_present();
  auto owned = std::make_unique<Stream>();
  Stream* stream = owned.get();
  state->streams.emplace(stream, std::move(owned));
  return {stream};
}

void SoftwareDevice::destroy_stream(StreamHandle stream) noexcept {
  const auto state = state_.lock();
  state->run_everything();
  state->streams.erase(static_cast<Stream*>(stream.native));
}

void SoftwareDevice::synchronise(StreamHandle stream) {
  const auto state = state_.lock();
  auto& queue = *static_cast<Stream*>(stream.native);
  state->run_until(queue, queue.done + queue.waiting.size());
  state->require_present();
}

EventHandle SoftwareDevice::make_event() {
  return {new Event};
}

void SoftwareDevice::destroy_event(EventHandle event) noexcept {
  delete static_cast<Event*>(event.native);
}

void SoftwareDevice::record(EventHandle event, StreamHandle stream) {
  const auto state = state_.lock();
  state->require_present();
  auto& queue = *static_cast<Stream*>(stream.native);
  *static_cast<Event*>(event.native) = {&queue, queue.done + queue.waiting.size()};
}

void SoftwareDevice::synchronise(EventHandle event) {
  const auto state = state_.lock();
  state->run_until(*static_cast<const Event*>(event.native));
  state->require_present();
}

void SoftwareDevice::wait(StreamHandle stream, EventHandle event) {
  const auto state = state_.lock();
  state->require_present();
  const auto wait = [&shared = *state, recorded = *static_cast<const Event*>(event.native)] {
    shared.run_until(recorded);
  };
  state->put(stream, {wait, {}});
}

void SoftwareDevice::launch_any(const AnyLaunch& launch, StreamHandle stream) {
  const auto state = state_.lock();
  state->require_taken("a launch");
  const bool fails = ++state->launches == state->options.fail_launch;
  const auto* first = static_cast<const std::byte*>(launch.params);
  // Aligned as the parameters were: vectors of bytes come from operator new.
  std::vector<std::byte> params(first, first + launch.params_bytes);
  const auto run = [&shared = *state, fails, stream, invoke = launch.invoke, kernel = launch.kernel,
                    params = std::move(params)] {
    if (!fails && invoke(kernel, params.data(), stream) == kSuccess) return;
    shared.fault = "a kernel failed; the device cannot be used any more";
  };
  state->put(stream, {run, words_of(launch.params, launch.params_bytes)});
}

// After a fault a GPU runs nothing; what gives memory back still has to.
void SoftwareDevice::State::put(StreamHandle stream, Operation operation) {
  auto& queue = *static_cast<Stream*>(stream.native);
  queue.waiting.push_back(std::move(operation));
  // A GPU does not wait for ever either.
  const std::size_t put_off = options.deferred ? kMaxPutOff : 0;
  if (queue.waiting.size() > put_off) {
    run_until(queue, queue.done + queue.waiting.size() - put_off);
  }
}

void SoftwareDevice::State::run_until(Stream& stream, std::uint64_t position) {
  while (stream.done < position && !stream.waiting.empty()) {
    const Operation operation = std::move(stream.waiting.front());
    stream.waiting.pop_front();
    ++stream.done;
    operation.run();
  }
}

void SoftwareDevice::State::run_until(const Event& event) {
  if (streams.contains(event.stream)) run_until(*event.stream, event.position);
}

void SoftwareDevice::State::run_everything() {
  for (const auto& [stream, owned] : streams) {
    run_until(*owned, owned->done + owned->waiting.size());
  }
}

}  // namespace kleio::cuda
