// What a failed call of CUDA means for the device: whether it goes on.
//
// driver_types.h says of some errors that they leave the process in an inconsistent state, and that
// any further work returns the same error: those of kernels that crashed and of hardware. Others
// say that one call was refused; nothing else has changed, and what is on the streams goes on.
#pragma once

#include "core/error.h"
#include "cuda/kernels/kernel_table.h"

// X(name, number) of cudaErrorName: every refusal that a call of this package might meet.
#define KLEIO_CUDA_REFUSALS(X)        \
  X(InvalidValue, 1)                  \
  X(InvalidConfiguration, 9)          \
  X(InvalidPitchValue, 12)            \
  X(InvalidSymbol, 13)                \
  X(InvalidHostPointer, 16)           \
  X(InvalidDevicePointer, 17)         \
  X(InvalidMemcpyDirection, 21)       \
  X(NotYetImplemented, 31)            \
  X(StubLibrary, 34)                  \
  X(CallRequiresNewerDriver, 36)      \
  X(DevicesUnavailable, 46)           \
  X(MissingConfiguration, 52)         \
  X(LaunchMaxDepthExceeded, 65)       \
  X(LaunchPendingCountExceeded, 69)   \
  X(InvalidDeviceFunction, 98)        \
  X(InvalidDevice, 101)               \
  X(InvalidKernelImage, 200)          \
  X(NoKernelImageForDevice, 209)      \
  X(UnsupportedLimit, 215)            \
  X(InvalidPtx, 218)                  \
  X(JitCompilerNotFound, 221)         \
  X(UnsupportedPtxVersion, 222)       \
  X(JitCompilationDisabled, 223)      \
  X(UnsupportedExecAffinity, 224)     \
  X(InvalidSource, 300)               \
  X(FileNotFound, 301)                \
  X(SharedObjectSymbolNotFound, 302)  \
  X(SharedObjectInitFailed, 303)      \
  X(InvalidResourceHandle, 400)       \
  X(IllegalState, 401)                \
  X(SymbolNotFound, 500)              \
  X(NotReady, 600)                    \
  X(LaunchOutOfResources, 701)        \
  X(HostMemoryAlreadyRegistered, 712) \
  X(HostMemoryNotRegistered, 713)     \
  X(CooperativeLaunchTooLarge, 720)   \
  X(NotPermitted, 800)                \
  X(NotSupported, 801)                \
  X(StreamCaptureUnsupported, 900)    \
  X(StreamCaptureInvalidated, 901)    \
  X(StreamCaptureMerge, 902)          \
  X(StreamCaptureUnmatched, 903)      \
  X(StreamCaptureUnjoined, 904)       \
  X(StreamCaptureIsolation, 905)      \
  X(StreamCaptureImplicit, 906)       \
  X(CapturedEvent, 907)               \
  X(StreamCaptureWrongThread, 908)    \
  X(GraphExecUpdateFailure, 910)      \
  X(InvalidClusterSize, 912)

namespace kleio::cuda {

// Numbers of cudaError_t.
inline constexpr DeviceError kMemoryAllocation = 2;

// What a call that gave `error` throws: kOutOfMemory or kDevice, after which the device goes on, or
// kDeviceLost. An error that is not known here ends the device: to ask it by another call whether
// it goes on would prove nothing, since an error of running work may come out of any later one.
ErrorCode thrown_for(DeviceError error) noexcept;

}  // namespace kleio::cuda
