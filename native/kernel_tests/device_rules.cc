// What a software device notices, which a GPU leaves to chance, and how a stream keeps to it.
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <utility>

#include "core/error.h"
#include "cuda/device/device_memory.h"
#include "cuda/device/request_stream.h"
#include "kernel_tests/check.h"
#include "kernel_tests/sections.h"
#include "kernel_tests/test_device.h"

namespace kleio::cuda::tests {
namespace {

constexpr std::size_t kBytes = 4 * sizeof(std::uint32_t);

// A device with memory of both kinds and two streams, of which nothing is left when it goes.
class Scene {
 public:
  Scene()
      : device(open_device()),
        stream(device->make_stream()),
        other(device->make_stream()),
        pinned(device->allocate_pinned(kBytes)),
        memory(device->allocate(kBytes, stream)) {
    std::memset(pinned, 0, kBytes);
  }
  ~Scene() {
    settle();
    device->free(memory, stream);
    device->free_pinned(pinned);
    device->destroy_stream(stream);
    device->destroy_stream(other);
  }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  void upload(std::size_t bytes = kBytes) { device->upload(memory, pinned, bytes, stream); }
  void download(std::size_t bytes = kBytes) { device->download(pinned, memory, bytes, stream); }
  void launch() {
    const auto* value = static_cast<const std::uint32_t*>(memory);
    device->launch(add_value, AddParams{value, static_cast<std::uint32_t*>(memory) + 1}, stream);
  }
  void free_memory(StreamHandle on) { device->free(std::exchange(memory, nullptr), on); }
  void free_pinned() { device->free_pinned(std::exchange(pinned, nullptr)); }
  void settle() noexcept {
    try {
      device->synchronise(stream);
    } catch (const Error&) {
    }
  }

  std::unique_ptr<Device> device;
  StreamHandle stream, other;
  void* pinned;
  void* memory;
};

void check(bool notices, const char* what, const std::function<void(Scene&)>& act) {
  Scene scene;
  act(scene);
  scene.settle();
  require(scene.device->is_lost() == notices, "%s %s", what, notices ? "goes by" : "is no fault");
}

void check_freed_too_early() {
  check(true, "pinned memory freed under an upload", [](Scene& scene) {
    scene.upload();
    scene.free_pinned();
  });
  check(true, "pinned memory freed under a download", [](Scene& scene) {
    scene.upload();
    scene.download();
    scene.free_pinned();
  });
  check(true, "memory freed under an upload of another stream", [](Scene& scene) {
    scene.upload();
    scene.free_memory(scene.other);
  });
  check(true, "memory freed under a launch of another stream", [](Scene& scene) {
    scene.upload();
    scene.settle();
    scene.launch();
    scene.free_memory(scene.other);
  });
  check(false, "memory freed behind its work", [](Scene& scene) {
    scene.upload();
    scene.launch();
    scene.free_memory(scene.stream);
  });
  check(false, "memory freed after its work", [](Scene& scene) {
    scene.upload();
    scene.settle();
    scene.free_pinned();
    scene.free_memory(scene.other);
  });
}

void check_downloads() {
  check(true, "a download of fresh memory", [](Scene& scene) { scene.download(); });
  check(true, "a download of what was half written", [](Scene& scene) {
    scene.upload(kBytes / 2);
    scene.download();
  });
  check(true, "a copy of what was half written", [](Scene& scene) {
    scene.upload(kBytes / 4);
    auto* const words = static_cast<std::byte*>(scene.memory);
    scene.device->copy(words + kBytes / 2, words, kBytes / 2, scene.stream);
  });
  check(false, "a download of what was written", [](Scene& scene) {
    scene.upload(kBytes / 2);
    scene.download(kBytes / 2);
  });
  check(true, "a download of what was downloaded before", [](Scene& scene) {
    scene.upload();
    scene.download();
    scene.download();
  });
}

// Memory whose owner lets go of it while the stream is writing or reading there.
void check_request_stream(bool kept, bool reads) {
  const std::unique_ptr<Device> device = open_device();
  {
    GraphCounters counters;
    DeviceMemory memory(*device, std::size_t{1} << 20);
    RequestStream stream(*device, memory, counters, true);
    const auto of_nobody = [&] {
      return std::make_shared<DeviceBuffer>(memory.allocate(kBytes, stream.handle()));
    };
    const auto send = [&](std::byte* to) {
      stream.ring().send(to, kBytes, [](std::size_t, std::span<std::byte> piece) {
        std::memset(piece.data(), 0, piece.size());
      });
    };
    if (reads) {
      const auto to = stream.allocate(kBytes);
      const auto from = of_nobody();
      send(from->data());
      stream.settle();
      if (kept) stream.keep(from);
      device->copy(to->data(), from->data(), kBytes, stream.handle());
    } else {
      const auto to = kept ? stream.allocate(kBytes) : of_nobody();
      send(to->data());
    }
    stream.settle();
  }
  require(device->is_lost() == !kept,
          kept ? "a stream lets memory go that its stream uses" : "memory went that a stream uses");
}

// Memory of a stream that moves while work on the stream is over it.
void check_moves() {
  constexpr std::size_t kMore = std::size_t{1} << 20;
  const std::unique_ptr<Device> device = open_device();
  {
    GraphCounters counters;
    DeviceMemory memory(*device, std::size_t{1} << 20);
    RequestStream stream(*device, memory, counters, true);
    const auto put = [&] {
      std::byte* const host = stream.inputs(kBytes);
      std::memset(host, 0, kBytes);
      device->upload(stream.workspace(kBytes), host, kBytes, stream.handle());
      device->download(stream.outputs(kBytes), stream.workspace(kBytes), kBytes, stream.handle());
    };
    put();
    stream.inputs(kMore);
    put();
    stream.outputs(kMore);
    put();
    stream.workspace(kMore);
    put();
  }
  require(!device->is_lost(), "memory of a stream moves under its work");
}

}  // namespace

std::string check_device_rules() {
  if (open_device()->properties().name != "software device") return "0 rules of a GPU";
  check_freed_too_early();
  check_downloads();
  for (const bool reads : {false, true}) {
    check_request_stream(true, reads);
    check_request_stream(false, reads);
  }
  check_moves();
  return "18 uses of memory";
}

}  // namespace kleio::cuda::tests
