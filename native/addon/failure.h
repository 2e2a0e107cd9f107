// An exception as a value, so that it can travel from a pool thread to the JavaScript thread.
#pragma once

#include <exception>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>

#include "core/error.h"

namespace kleio::addon {

struct Failure {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
};

// What the system says where a process, a user or a container has as much as it may have.
inline bool is_limit(const std::error_code& code) noexcept {
  return code == std::errc::resource_unavailable_try_again ||
         code == std::errc::not_enough_memory || code == std::errc::too_many_files_open ||
         code == std::errc::too_many_files_open_in_system;
}

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
  } catch (const std::system_error& error) {
    return {is_limit(error.code()) ? ErrorCode::kLimit : ErrorCode::kInternal, error.what()};
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
