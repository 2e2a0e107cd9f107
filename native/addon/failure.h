// An exception as a value, so that it can travel from a pool thread to the JavaScript thread.
#pragma once

#include <exception>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>

#include "core/error.h"

namespace kleio::addon {

struct Failure {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
};

// Inside a catch block: what was thrown.
inline Failure current_failure() noexcept {
  try {
    throw;
  } catch (const Error& error) {
    return {error.code(), error.what()};
  } catch (const std::bad_alloc&) {
    return {ErrorCode::kOutOfMemory, "not enough memory"};
  } catch (const std::length_error&) {  // a container asked for more than can exist
    return {ErrorCode::kOutOfMemory, "not enough memory"};
  } catch (const std::exception& error) {
    return {ErrorCode::kInternal, error.what()};
  } catch (...) {
    return {ErrorCode::kInternal, "unknown exception"};
  }
}

// Nothing if `action` returns.
template <typename Action>
std::optional<Failure> attempt(const Action& action) noexcept {
  try {
    action();
    return std::nullopt;
  } catch (...) {
    return current_failure();
  }
}

}  // namespace kleio::addon
