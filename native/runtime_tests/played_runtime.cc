#include "runtime_tests/played_runtime.h"

#include <cstdlib>
#include <cstring>
#include <utility>

namespace kleio::cuda::tests {

PlayedRuntime& played() noexcept {
  static PlayedRuntime runtime;
  return runtime;
}

cudaError_t PlayedRuntime::play(const std::string& function) {
  calls.push_back(function);
  const auto found = answers.find(function);
  if (found == answers.end()) return cudaSuccess;
  last_error = found->second;
  answers.erase(found);
  return last_error;
}

namespace {

// Something to stand for a stream, a graph, memory.
template <typename Handle>
cudaError_t make(const char* function, Handle* handle) {
  const cudaError_t error = played().play(function);
  static int something = 0;
  *handle = error == cudaSuccess ? reinterpret_cast<Handle>(&something) : nullptr;
  return error;
}

}  // namespace
}  // namespace kleio::cuda::tests

using kleio::cuda::tests::make;
using kleio::cuda::tests::played;

extern "C" {

cudaError_t cudaGetLastError() {
  return std::exchange(played().last_error, cudaSuccess);
}
cudaError_t cudaPeekAtLastError() {
  return played().last_error;
}
const char* cudaGetErrorName(cudaError_t error) {
  return error == cudaErrorInvalidConfiguration ? "cudaErrorInvalidConfiguration" : "cudaErrorX";
}
const char* cudaGetErrorString(cudaError_t) {
  return "what CUDA says";
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  std::memset(properties, 0, sizeof *properties);
  return played().play("cudaGetDeviceProperties");
}
cudaError_t cudaSetDevice(int) {
  return played().play("cudaSetDevice");
}
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr, int) {
  *value = played().has_pools ? 1 : 0;
  return played().play("cudaDeviceGetAttribute");
}

cudaError_t cudaMemPoolCreate(cudaMemPool_t* pool, const cudaMemPoolProps*) {
  return make("cudaMemPoolCreate", pool);
}
cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t, cudaMemPoolAttr, void*) {
  return played().play("cudaMemPoolSetAttribute");
}
cudaError_t cudaMemPoolDestroy(cudaMemPool_t) {
  return played().play("cudaMemPoolDestroy");
}
cudaError_t cudaMallocFromPoolAsync(void** memory, size_t, cudaMemPool_t, cudaStream_t) {
  return make("cudaMallocFromPoolAsync", memory);
}
cudaError_t cudaFreeAsync(void*, cudaStream_t) {
  return played().play("cudaFreeAsync");
}
cudaError_t cudaMalloc(void** memory, size_t) {
  return make("cudaMalloc", memory);
}
cudaError_t cudaFree(void*) {
  return played().play("cudaFree");
}
cudaError_t cudaHostAlloc(void** memory, size_t, unsigned) {
  return make("cudaHostAlloc", memory);
}
cudaError_t cudaFreeHost(void*) {
  return played().play("cudaFreeHost");
}
cudaError_t cudaMemcpyAsync(void*, const void*, size_t, cudaMemcpyKind, cudaStream_t) {
  return played().play("cudaMemcpyAsync");
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  return make("cudaStreamCreateWithFlags", stream);
}
cudaError_t cudaStreamDestroy(cudaStream_t) {
  return played().play("cudaStreamDestroy");
}
cudaError_t cudaStreamSynchronize(cudaStream_t) {
  return played().play("cudaStreamSynchronize");
}
cudaError_t cudaStreamWaitEvent(cudaStream_t, cudaEvent_t, unsigned) {
  return played().play("cudaStreamWaitEvent");
}
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  return make("cudaEventCreateWithFlags", event);
}
cudaError_t cudaEventDestroy(cudaEvent_t) {
  return played().play("cudaEventDestroy");
}
cudaError_t cudaEventRecord(cudaEvent_t, cudaStream_t) {
  return played().play("cudaEventRecord");
}
cudaError_t cudaEventSynchronize(cudaEvent_t) {
  return played().play("cudaEventSynchronize");
}

cudaError_t cudaStreamBeginCapture(cudaStream_t, cudaStreamCaptureMode) {
  return played().play("cudaStreamBeginCapture");
}
cudaError_t cudaStreamEndCapture(cudaStream_t, cudaGraph_t* graph) {
  return make("cudaStreamEndCapture", graph);
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t, unsigned long long) {
  return make("cudaGraphInstantiate", executable);
}
cudaError_t cudaGraphDestroy(cudaGraph_t) {
  return played().play("cudaGraphDestroy");
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t) {
  return played().play("cudaGraphExecDestroy");
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t, cudaStream_t) {
  return played().play("cudaGraphLaunch");
}

}  // extern "C"
