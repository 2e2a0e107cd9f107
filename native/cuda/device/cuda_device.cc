#include "cuda/device/cuda_device.h"

#include <cuda_runtime_api.h>

#include <string>

#include "core/error.h"
#include "cuda/device/device_errors.h"

namespace kleio::cuda {
namespace {

cudaStream_t native(StreamHandle stream) {
  return static_cast<cudaStream_t>(stream.native);
}
cudaEvent_t native(EventHandle event) {
  return static_cast<cudaEvent_t>(event.native);
}
cudaGraphExec_t native(GraphHandle graph) {
  return static_cast<cudaGraphExec_t>(graph.native);
}

std::string text_of(DeviceError error) {
  const auto code = static_cast<cudaError_t>(error);
  return std::string(cudaGetErrorName(code)) + ", " + cudaGetErrorString(code);
}

#define KLEIO_SAME_NUMBER(name, number) static_assert(cudaError##name == number);
KLEIO_CUDA_REFUSALS(KLEIO_SAME_NUMBER)
#undef KLEIO_SAME_NUMBER
static_assert(kMemoryAllocation == cudaErrorMemoryAllocation);

// One operation of a request, put on a stream.
DeviceError enqueue(const DeviceWork::Upload& upload, StreamHandle stream) {
  return cudaMemcpyAsync(upload.to, upload.from_host, upload.bytes, cudaMemcpyHostToDevice,
                         native(stream));
}
DeviceError enqueue(const DeviceWork::Download& download, StreamHandle stream) {
  return cudaMemcpyAsync(download.to_host, download.from, download.bytes, cudaMemcpyDeviceToHost,
                         native(stream));
}
DeviceError enqueue(const AnyLaunch& launch, StreamHandle stream) {
  return launch.invoke(launch.kernel, launch.params, stream);
}

// What the work becomes while the stream is being captured; null if any of it cannot be.
cudaGraph_t capture(const DeviceWork& work, StreamHandle stream) {
  // Of this thread alone: others may allocate meanwhile.
  if (cudaStreamBeginCapture(native(stream), cudaStreamCaptureModeThreadLocal) != cudaSuccess) {
    return nullptr;
  }
  DeviceError error = cudaSuccess;
  work.each([&](const auto& operation) {
    if (error == cudaSuccess) error = enqueue(operation, stream);
  });
  cudaGraph_t graph = nullptr;
  // Also after an error: it ends the capture.
  const cudaError_t ended = cudaStreamEndCapture(native(stream), &graph);
  if (error == cudaSuccess && ended == cudaSuccess) return graph;
  if (graph != nullptr) cudaGraphDestroy(graph);
  return nullptr;
}

}  // namespace

DeviceProperties properties_of_device(int ordinal) {
  DeviceProperties properties;
  properties.ordinal = ordinal;
  cudaDeviceProp found;
  if (const cudaError_t error = cudaGetDeviceProperties(&found, ordinal); error != cudaSuccess) {
    cudaGetLastError();
    throw Error(ErrorCode::kDevice,
                "cuda:" + std::to_string(ordinal) + " cannot be used: " + text_of(error));
  }
  properties.name = found.name;
  properties.compute_major = found.major;
  properties.compute_minor = found.minor;
  properties.multiprocessors = static_cast<std::uint32_t>(found.multiProcessorCount);
  properties.shared_memory_per_block = static_cast<std::uint32_t>(found.sharedMemPerBlockOptin);
  // Of compute capability 9.0 alone: the machine code for sm_90a runs on no other.
  properties.wgmma = found.major == 9 && found.minor == 0;
  properties.memory_bytes = found.totalGlobalMem;
  return properties;
}

namespace {

// Makes a device the calling thread's, before anything is asked of it.
int chosen(int ordinal) {
  if (const cudaError_t error = cudaSetDevice(ordinal); error != cudaSuccess) {
    cudaGetLastError();
    throw Error(ErrorCode::kDevice,
                "cuda:" + std::to_string(ordinal) + " cannot be opened: " + text_of(error));
  }
  return ordinal;
}

}  // namespace

CudaDevice::CudaDevice(int ordinal)
    : properties_(properties_of_device(ordinal)), memory_(chosen(ordinal)) {}

void CudaDevice::enter() const {
  if (is_lost()) throw_lost();
  insist(cudaSetDevice(properties_.ordinal));
}

void CudaDevice::throw_lost() const {
  throw Error(ErrorCode::kDeviceLost, "cuda:" + std::to_string(properties_.ordinal) +
                                          " was lost: " + text_of(fault_) +
                                          "; use the CPU, or start another process");
}

void CudaDevice::lose(DeviceError error) const {
  DeviceError none = kSuccess;
  fault_.compare_exchange_strong(none, error);
  throw_lost();
}

void CudaDevice::require(DeviceError error, const char* what) const {
  if (error == cudaSuccess) return;
  cudaGetLastError();  // or the next launch would find what this one left
  const ErrorCode thrown = thrown_for(error);
  if (thrown == ErrorCode::kDeviceLost) lose(error);
  const std::string name = "cuda:" + std::to_string(properties_.ordinal);
  throw Error(thrown, thrown == ErrorCode::kOutOfMemory
                          ? name + " has no memory for " + what
                          : name + " refused " + what + ": " + text_of(error) +
                                "; everything else on it goes on");
}

void CudaDevice::insist(DeviceError error) const {
  if (error == cudaSuccess) return;
  cudaGetLastError();
  lose(error);
}

void* CudaDevice::allocate(std::size_t bytes, StreamHandle stream) {
  if (bytes == 0) return nullptr;
  enter();
  void* memory = nullptr;
  const std::string what = std::to_string(bytes) + " bytes";
  require(memory_.allocate(&memory, bytes, stream), what.c_str());
  return memory;
}

void CudaDevice::free(void* memory, StreamHandle stream) noexcept {
  if (memory == nullptr) return;
  cudaSetDevice(properties_.ordinal);
  memory_.free(memory, stream);
  cudaGetLastError();
}

void* CudaDevice::allocate_pinned(std::size_t bytes) {
  if (bytes == 0) return nullptr;
  enter();
  void* memory = nullptr;
  require(cudaHostAlloc(&memory, bytes, cudaHostAllocPortable), "pinned memory of the host");
  return memory;
}

void CudaDevice::free_pinned(void* memory) noexcept {
  if (memory == nullptr) return;
  cudaFreeHost(memory);
  cudaGetLastError();
}

void CudaDevice::upload(void* to, const void* from_host, std::size_t bytes, StreamHandle stream) {
  if (bytes == 0) return;
  enter();
  require(enqueue(DeviceWork::Upload{to, from_host, bytes}, stream), "an upload");
}

void CudaDevice::download(void* to_host, const void* from, std::size_t bytes, StreamHandle stream) {
  if (bytes == 0) return;
  enter();
  require(enqueue(DeviceWork::Download{to_host, from, bytes}, stream), "a download");
}

void CudaDevice::copy(void* to, const void* from, std::size_t bytes, StreamHandle stream) {
  if (bytes == 0) return;
  enter();
  require(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, native(stream)), "a copy");
}

StreamHandle CudaDevice::make_stream() {
  enter();
  cudaStream_t stream = nullptr;
  require(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), "a stream");
  return {stream};
}

void CudaDevice::destroy_stream(StreamHandle stream) noexcept {
  if (stream.native == nullptr) return;
  cudaSetDevice(properties_.ordinal);
  cudaStreamDestroy(native(stream));
  cudaGetLastError();
}

void CudaDevice::synchronise(StreamHandle stream) {
  enter();
  insist(cudaStreamSynchronize(native(stream)));
}

EventHandle CudaDevice::make_event() {
  enter();
  cudaEvent_t event = nullptr;
  require(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "an event");
  return {event};
}

void CudaDevice::destroy_event(EventHandle event) noexcept {
  if (event.native == nullptr) return;
  cudaEventDestroy(native(event));
  cudaGetLastError();
}

void CudaDevice::record(EventHandle event, StreamHandle stream) {
  enter();
  require(cudaEventRecord(native(event), native(stream)), "to record an event");
}

void CudaDevice::synchronise(EventHandle event) {
  enter();
  insist(cudaEventSynchronize(native(event)));
}

void CudaDevice::wait(StreamHandle stream, EventHandle event) {
  enter();
  require(cudaStreamWaitEvent(native(stream), native(event), 0), "to order streams");
}

void CudaDevice::launch_any(const AnyLaunch& launch, StreamHandle stream) {
  enter();
  require(enqueue(launch, stream), "a launch");
}

// An error is left to whoever does the work without a graph: if it is the device's, it comes again.
GraphHandle CudaDevice::make_graph(const DeviceWork& work, StreamHandle stream) {
  enter();
  cudaGraphExec_t executable = nullptr;
  if (const cudaGraph_t graph = capture(work, stream); graph != nullptr) {
    if (cudaGraphInstantiate(&executable, graph, 0) != cudaSuccess) executable = nullptr;
    cudaGraphDestroy(graph);
  }
  if (executable == nullptr) cudaGetLastError();
  return {executable};
}

void CudaDevice::destroy_graph(GraphHandle graph) noexcept {
  if (graph.native == nullptr) return;
  cudaSetDevice(properties_.ordinal);
  cudaGraphExecDestroy(native(graph));
  cudaGetLastError();
}

bool CudaDevice::replay(GraphHandle graph, StreamHandle stream) {
  enter();
  const cudaError_t error = cudaGraphLaunch(native(graph), native(stream));
  if (error == cudaSuccess) return true;
  if (thrown_for(error) == ErrorCode::kDeviceLost) require(error, "a graph");
  cudaGetLastError();
  return false;
}

}  // namespace kleio::cuda
