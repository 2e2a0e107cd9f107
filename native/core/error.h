// The one error channel of the native code: everything below the addon throws `Error`, the addon
// turns it into the JavaScript `KleioError` of the same code. Kernels never throw.
#pragma once

#include <stdexcept>
#include <string>

namespace kleio {

// Codes are public API: docs/errors.md lists them, lib/support/errors.ts maps them to classes.
enum class ErrorCode {
  kArgument,     // wrong type or unknown option
  kShape,        // lengths that do not fit together
  kDtype,        // an element type that cannot be used here
  kRange,        // a number outside its range
  kNotFinite,    // NaN or infinity in an embedding
  kDuplicateId,  // the same id on two rows
  kClosed,       // use after close()
  kQueueFull,    // more asynchronous searches than the queue holds
  kAborted,      // stopped by an AbortSignal
  kOutOfMemory,
  kLimit,       // the operating system refused a thread or a descriptor
  kFile,        // the operating system refused a file
  kFormat,      // a file that is not what it claims to be
  kIsa,         // an instruction set that this processor lacks
  kDevice,      // a device that is not there or cannot be opened, or that refused one call
  kDeviceLost,  // a device that failed: nothing more can be done with it in this process
  kInternal,
};

// "ERR_KLEIO_SHAPE" and so on.
const char* error_code_name(ErrorCode code) noexcept;

// A number as an error text shows it: the fewest digits that tell it from its neighbours.
std::string number_text(float number);

class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

}  // namespace kleio
