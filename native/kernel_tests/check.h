// Ends the program with a message when a promise does not hold.
#pragma once

#include <cstdarg>
#include <cstdio>
#include <cstdlib>

namespace kleio::cuda::tests {

[[gnu::format(printf, 2, 3)]] inline void require(bool holds, const char* message, ...) {
  if (holds) return;
  std::va_list arguments;
  va_start(arguments, message);
  std::vfprintf(stderr, message, arguments);
  std::fputc('\n', stderr);
  va_end(arguments);
  std::exit(1);
}

}  // namespace kleio::cuda::tests
