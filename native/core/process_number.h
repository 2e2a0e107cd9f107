// What the system calls this process, whichever of its threads asks.
#pragma once

#include <cstdint>

namespace kleio {

std::uint64_t process_number() noexcept;

}  // namespace kleio
