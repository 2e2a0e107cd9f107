// Which errors of CUDA end a device, by the numbers that CUDA documents.
#include "cuda/device/device_errors.h"

#include "kernel_tests/check.h"
#include "kernel_tests/sections.h"

namespace kleio::cuda::tests {
namespace {

// "This leaves the process in an inconsistent state", of kernels, of hardware, of other processes,
// and what is no error of CUDA 13 at all.
constexpr DeviceError kEndings[] = {
    4,    // cudaErrorCudartUnloading
    214,  // cudaErrorECCUncorrectable
    220,  // cudaErrorNvlinkUncorrectable
    226,  // cudaErrorContained
    700,  // cudaErrorIllegalAddress
    702,  // cudaErrorLaunchTimeout
    709,  // cudaErrorContextIsDestroyed
    710,  // cudaErrorAssert
    714,  // cudaErrorHardwareStackError
    715,  // cudaErrorIllegalInstruction
    716,  // cudaErrorMisalignedAddress
    717,  // cudaErrorInvalidAddressSpace
    718,  // cudaErrorInvalidPc
    719,  // cudaErrorLaunchFailure
    721,  // cudaErrorTensorMemoryLeak
    810,  // cudaErrorMpsClientTerminated
    911,  // cudaErrorExternalDevice
    999,  // cudaErrorUnknown
    -1,  5000,
};

// What a launch can be refused for.
constexpr DeviceError kRefusals[] = {
    1,    // cudaErrorInvalidValue
    9,    // cudaErrorInvalidConfiguration
    98,   // cudaErrorInvalidDeviceFunction
    209,  // cudaErrorNoKernelImageForDevice
    215,  // cudaErrorUnsupportedLimit
    701,  // cudaErrorLaunchOutOfResources
    801,  // cudaErrorNotSupported
};

void check_thrown(DeviceError error, ErrorCode code) {
  require(thrown_for(error) == code, "error %d throws %s", error,
          error_code_name(thrown_for(error)));
}

}  // namespace

std::string check_device_errors() {
  for (const DeviceError error : kEndings) check_thrown(error, ErrorCode::kDeviceLost);
  for (const DeviceError error : kRefusals) check_thrown(error, ErrorCode::kDevice);
  check_thrown(2, ErrorCode::kOutOfMemory);  // cudaErrorMemoryAllocation
  int refusals = 0;
  for (DeviceError error = 0; error < 2000; ++error) {
    if (thrown_for(error) == ErrorCode::kDevice) ++refusals;
  }
#define KLEIO_COUNTED(name, number) +1
  require(refusals == 0 KLEIO_CUDA_REFUSALS(KLEIO_COUNTED), "%d errors are refusals", refusals);
#undef KLEIO_COUNTED
  return std::to_string(refusals) + " refusals";
}

}  // namespace kleio::cuda::tests
