// Reading the arguments of a call. Everything is checked here: whatever JavaScript passes gives a
// value or an Error that names the argument.
//
// Typed arrays are read through their view alone, never their buffer: that is what works for one
// over a SharedArrayBuffer, and what reports a detached or out-of-bounds one as empty. A span is
// valid for the call; over a SharedArrayBuffer its elements may change at any moment, so what is
// checked must be a copy.
#pragma once

#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "addon/guard.h"
#include "core/error.h"
#include "core/kept.h"
#include "core/matrix_view.h"

namespace kleio::addon {

// A typed array of any element type.
struct TypedArray {
  napi_typedarray_type type;
  std::byte* values;
  std::size_t length;  // elements
  napi_env env;
  napi_value buffer;

  // Whether it is over a SharedArrayBuffer.
  bool shared() const noexcept;
};

// Nothing if the value is no typed array; a DataView is none.
std::optional<TypedArray> typed_array_of(napi_env env, napi_value value);

// What carries elements of a type.
template <typename Element>
constexpr napi_typedarray_type array_type() = delete;
template <>
constexpr napi_typedarray_type array_type<std::int8_t>() {
  return napi_int8_array;
}
template <>
constexpr napi_typedarray_type array_type<std::uint8_t>() {
  return napi_uint8_array;
}
template <>
constexpr napi_typedarray_type array_type<std::uint16_t>() {
  return napi_uint16_array;
}
template <>
constexpr napi_typedarray_type array_type<std::int32_t>() {
  return napi_int32_array;
}
template <>
constexpr napi_typedarray_type array_type<std::int64_t>() {
  return napi_bigint64_array;
}
template <>
constexpr napi_typedarray_type array_type<float>() {
  return napi_float32_array;
}
template <>
constexpr napi_typedarray_type array_type<double>() {
  return napi_float64_array;
}

// Throws kArgument if the value is not a typed array of that type.
TypedArray require_typed_array(napi_env env, napi_value value, napi_typedarray_type type,
                               const char* name);

template <typename Element>
std::span<Element> elements_of(napi_env env, napi_value value, const char* name) {
  const TypedArray array = require_typed_array(env, value, array_type<Element>(), name);
  return {reinterpret_cast<Element*>(array.values), array.length};
}

// Nothing if the value is undefined.
template <typename Element>
std::optional<std::span<const Element>> optional_elements_of(napi_env env, napi_value value,
                                                             const char* name) {
  if (Napi::Value(env, value).IsUndefined()) return std::nullopt;
  return elements_of<Element>(env, value, name);
}

template <typename Element>
std::vector<Element> copy_of(std::span<const Element> elements) {
  return {elements.begin(), elements.end()};
}

template <typename Element>
std::optional<std::vector<Element>> optional_copy_of(napi_env env, napi_value value,
                                                     const char* name) {
  const auto elements = optional_elements_of<Element>(env, value, name);
  if (!elements) return std::nullopt;
  return copy_of(*elements);
}

// A matrix of `dim` columns in the array type of `dtype`. Throws kDtype, kShape.
struct Embeddings {
  MatrixView view;
  bool shared;
};
Embeddings embeddings_of(napi_env env, napi_value value, Dtype dtype, std::size_t dim,
                         const char* name);

double number_of(napi_env env, napi_value value, const char* name);
// A number that lib has rounded to float32.
float float_of(napi_env env, napi_value value, const char* name);
// An integer from `least` to `most`; throws kRange.
std::uint64_t integer_of(napi_env env, napi_value value, const char* name, std::uint64_t least,
                         std::uint64_t most);
bool boolean_of(napi_env env, napi_value value, const char* name);
std::string string_of(napi_env env, napi_value value, const char* name);
napi_value function_of(napi_env env, napi_value value, const char* name);
std::uint32_t length_of_array(napi_env env, napi_value value, const char* name);
Napi::Object object_of(napi_env env, napi_value value, const char* name);

Dtype dtype_of(napi_env env, napi_value value);
// The typed arrays that carry elements of `dtype`.
napi_typedarray_type array_type_of(Dtype dtype) noexcept;

// Threads that may work on a call; 0: as many as the pool has.
std::size_t threads_of(napi_env env, napi_value value);
// The arrays that a search fills, [count, k].
KeptView kept_of(napi_env env, napi_value positions, napi_value scores, std::size_t count,
                 std::size_t k);

// Throws kShape.
void require_length(std::size_t length, std::uint64_t expected, const char* name,
                    const char* meaning);

}  // namespace kleio::addon
