#include "core/error.h"

#include <array>
#include <charconv>

namespace kleio {

const char* error_code_name(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kArgument:
      return "ERR_KLEIO_ARGUMENT";
    case ErrorCode::kShape:
      return "ERR_KLEIO_SHAPE";
    case ErrorCode::kDtype:
      return "ERR_KLEIO_DTYPE";
    case ErrorCode::kRange:
      return "ERR_KLEIO_RANGE";
    case ErrorCode::kNotFinite:
      return "ERR_KLEIO_NOT_FINITE";
    case ErrorCode::kDuplicateId:
      return "ERR_KLEIO_DUPLICATE_ID";
    case ErrorCode::kClosed:
      return "ERR_KLEIO_CLOSED";
    case ErrorCode::kQueueFull:
      return "ERR_KLEIO_QUEUE_FULL";
    case ErrorCode::kAborted:
      return "ERR_KLEIO_ABORTED";
    case ErrorCode::kOutOfMemory:
      return "ERR_KLEIO_OUT_OF_MEMORY";
    case ErrorCode::kLimit:
      return "ERR_KLEIO_LIMIT";
    case ErrorCode::kFile:
      return "ERR_KLEIO_FILE";
    case ErrorCode::kFormat:
      return "ERR_KLEIO_FORMAT";
    case ErrorCode::kIsa:
      return "ERR_KLEIO_ISA";
    case ErrorCode::kDevice:
      return "ERR_KLEIO_DEVICE";
    case ErrorCode::kDeviceLost:
      return "ERR_KLEIO_DEVICE_LOST";
    case ErrorCode::kInternal:
      return "ERR_KLEIO_INTERNAL";
  }
  return "ERR_KLEIO_INTERNAL";
}

std::string number_text(float number) {
  std::array<char, 32> text{};
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), number);
  return {text.data(), end};
}

}  // namespace kleio
