// What CudaDevice makes of the answers of a driver: which errors it survives, and where its memory
// comes from. Built and run by native/test-cuda-device.sh.
#include <algorithm>
#include <cstdio>
#include <functional>

#include "core/error.h"
#include "cuda/device/cuda_device.h"
#include "cuda/device/device_errors.h"
#include "kernel_tests/check.h"
#include "runtime_tests/played_runtime.h"

namespace kleio::cuda {

const KernelTable& cuda_kernels() noexcept {
  static constexpr KernelTable kNone;
  return kNone;
}

namespace tests {
namespace {

struct NoParams {
  int unused = 0;
};

// As every launch of a kernel does.
DeviceError launch_kernel(const NoParams&, StreamHandle) {
  played().play("a kernel");
  return cudaPeekAtLastError();
}

// A device, and one way to use it after another.
struct Subject {
  Subject() : device(fresh()) {}

  static CudaDevice fresh() {
    played() = {};
    return CudaDevice(0);
  }

  // What `act` throws while `function` answers with `error`; empty: nothing.
  std::string thrown(const char* function, DeviceError error, const std::function<void()>& act) {
    played().answers[function] = static_cast<cudaError_t>(error);
    try {
      act();
    } catch (const Error& caught) {
      last = caught.code();
      return caught.what();
    }
    return "";
  }
  void launch() { device.launch(launch_kernel, NoParams{}, stream); }
  void upload() { device.upload(&memory, &memory, sizeof memory, stream); }

  CudaDevice device;
  StreamHandle stream;
  int memory = 0;
  ErrorCode last = ErrorCode::kInternal;
};

bool is_in(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

void check_refusals() {
  Subject subject;
  const std::string text =
      subject.thrown("a kernel", cudaErrorInvalidConfiguration, [&] { subject.launch(); });
  require(subject.last == ErrorCode::kDevice && is_in(text, "cuda:0 refused a launch") &&
              is_in(text, "cudaErrorInvalidConfiguration, what CUDA says"),
          "a refused launch says: %s", text.c_str());
  subject.launch();  // finds nothing of it
#define KLEIO_CHECKED(name, number)                                                        \
  require(!subject.thrown("cudaMemcpyAsync", number, [&] { subject.upload(); }).empty() && \
              subject.last == ErrorCode::kDevice && !subject.device.is_lost(),             \
          "a device does not survive cudaError" #name);
  KLEIO_CUDA_REFUSALS(KLEIO_CHECKED)
#undef KLEIO_CHECKED
  subject.upload();
  subject.thrown("cudaMallocFromPoolAsync", cudaErrorMemoryAllocation,
                 [&] { subject.device.allocate(1, subject.stream); });
  require(subject.last == ErrorCode::kOutOfMemory && !subject.device.is_lost(),
          "no memory is lost");
}

void check_ending(const char* function, DeviceError error,
                  const std::function<void(Subject&)>& act) {
  Subject subject;
  subject.thrown(function, error, [&] { act(subject); });
  require(subject.last == ErrorCode::kDeviceLost && subject.device.is_lost(),
          "a device survives error %d of %s", error, function);
  subject.last = ErrorCode::kInternal;
  subject.thrown("nothing", cudaSuccess, [&] { subject.upload(); });
  require(subject.last == ErrorCode::kDeviceLost, "a lost device is used");
}

void check_endings() {
  const auto launch = [](Subject& subject) { subject.launch(); };
  const auto wait = [](Subject& subject) { subject.device.synchronise(subject.stream); };
  for (const DeviceError error : {cudaErrorIllegalAddress, cudaErrorLaunchFailure,
                                  cudaErrorECCUncorrectable, cudaErrorUnknown}) {
    check_ending("a kernel", error, launch);
    check_ending("cudaStreamSynchronize", error, wait);
  }
  // Nobody knows what a wait that was refused has not waited for.
  for (const char* function : {"cudaStreamSynchronize", "cudaSetDevice"}) {
    check_ending(function, cudaErrorInvalidValue, wait);
  }
}

void check_graphs() {
  Subject subject;
  DeviceWork work;
  work.launch(launch_kernel, NoParams{});
  const GraphHandle graph = subject.device.make_graph(work, subject.stream);
  require(subject.device.replay(graph, subject.stream), "a graph is not replayed");
  for (const DeviceError error : {cudaErrorMemoryAllocation, cudaErrorLaunchOutOfResources}) {
    bool replayed = true;
    const std::string text = subject.thrown(
        "cudaGraphLaunch", error, [&] { replayed = subject.device.replay(graph, subject.stream); });
    require(text.empty() && !replayed && played().last_error == cudaSuccess,
            "a graph that is refused with %d", error);
  }
  played().answers["a kernel"] = cudaErrorInvalidConfiguration;
  require(subject.device.make_graph(work, subject.stream).native == nullptr &&
              played().last_error == cudaSuccess && !subject.device.is_lost(),
          "work that is refused became a graph");
  subject.device.destroy_graph(graph);
  check_ending("cudaGraphLaunch", cudaErrorIllegalAddress, [&](Subject& other) {
    const GraphHandle made = other.device.make_graph(work, other.stream);
    other.device.replay(made, other.stream);
  });
}

// Which functions of memory a device called, from its making on.
std::vector<std::string> memory_calls(bool has_pools) {
  played() = {};
  played().has_pools = has_pools;
  {
    CudaDevice device(0);
    device.free(device.allocate(16, {}), {});
  }
  std::vector<std::string> calls = played().calls;
  std::erase_if(calls, [](const std::string& call) {
    return call == "cudaSetDevice" || call == "cudaGetDeviceProperties";
  });
  return calls;
}

void check_memory() {
  using Calls = std::vector<std::string>;
  require(memory_calls(true) == Calls{"cudaDeviceGetAttribute", "cudaMemPoolCreate",
                                      "cudaMemPoolSetAttribute", "cudaMallocFromPoolAsync",
                                      "cudaFreeAsync", "cudaMemPoolDestroy"},
          "a driver's pools are not used");
  require(memory_calls(false) ==
              Calls{"cudaDeviceGetAttribute", "cudaMalloc", "cudaStreamSynchronize", "cudaFree"},
          "memory without pools is not freed behind its stream");
  for (const char* function : {"cudaMemPoolCreate", "cudaMemPoolSetAttribute", "cudaSetDevice"}) {
    played() = {};
    played().answers[function] = cudaErrorNotSupported;
    ErrorCode code = ErrorCode::kInternal;
    try {
      CudaDevice device(0);
    } catch (const Error& error) {
      code = error.code();
    }
    require(code == ErrorCode::kDevice && played().last_error == cudaSuccess,
            "a device opens in spite of %s", function);
  }
}

}  // namespace
}  // namespace tests
}  // namespace kleio::cuda

int main() {
  using namespace kleio::cuda::tests;
  check_refusals();
  check_endings();
  check_graphs();
  check_memory();
  std::puts("a device over a played runtime: as it should be");
  return 0;
}
