#include "core/process_number.h"

#include <unistd.h>

namespace kleio {

std::uint64_t process_number() noexcept {
  return static_cast<std::uint64_t>(getpid());
}

}  // namespace kleio
