#include "addon/arguments.h"

#include <array>
#include <cmath>

#include "addon/limits.h"

namespace kleio::addon {
namespace {

// By napi_typedarray_type, as they stand in a sentence.
constexpr std::array<const char*, 11> kArrayNames = {
    "an Int8Array",   "a Uint8Array",    "a Uint8ClampedArray", "an Int16Array",
    "a Uint16Array",  "an Int32Array",   "a Uint32Array",       "a Float32Array",
    "a Float64Array", "a BigInt64Array", "a BigUint64Array"};

constexpr auto kUnknownType = static_cast<napi_typedarray_type>(15);

std::string name_of_type(napi_typedarray_type type) {
  const auto index = static_cast<std::size_t>(type);
  return index < kArrayNames.size() ? kArrayNames[index] : "another typed array";
}

// "Int32Array", "undefined", "string": what came, for an error text.
std::string description_of(napi_env env, napi_value value) {
  if (const auto array = typed_array_of(env, value)) return name_of_type(array->type);
  switch (Napi::Value(env, value).Type()) {
    case napi_undefined:
      return "undefined";
    case napi_null:
      return "null";
    case napi_boolean:
      return "a boolean";
    case napi_number:
      return "a number";
    case napi_string:
      return "a string";
    case napi_symbol:
      return "a symbol";
    case napi_function:
      return "a function";
    case napi_bigint:
      return "a bigint";
    case napi_object:
    case napi_external:
      break;
  }
  return "an object";
}

[[noreturn]] void refuse(napi_env env, napi_value value, const char* name,
                         const std::string& what) {
  throw Error(ErrorCode::kArgument,
              std::string(name) + " must be " + what + "; got " + description_of(env, value));
}

}  // namespace

std::optional<TypedArray> typed_array_of(napi_env env, napi_value value) {
  napi_typedarray_type type =
      kUnknownType;  // and so Node leaves it for a type it has no number for
  void* values = nullptr;
  std::size_t length = 0;
  napi_value buffer = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &length, &values, &buffer, nullptr) != napi_ok) {
    return std::nullopt;
  }
  return TypedArray{type, static_cast<std::byte*>(values), length, env, buffer};
}

bool TypedArray::shared() const noexcept {
  bool exclusive = true;
  napi_is_arraybuffer(env, buffer, &exclusive);
  return !exclusive;
}

TypedArray require_typed_array(napi_env env, napi_value value, napi_typedarray_type type,
                               const char* name) {
  const std::optional<TypedArray> array = typed_array_of(env, value);
  if (!array || array->type != type) refuse(env, value, name, name_of_type(type));
  return *array;
}

Embeddings embeddings_of(napi_env env, napi_value value, Dtype dtype, std::size_t dim,
                         const char* name) {
  const std::optional<TypedArray> array = typed_array_of(env, value);
  const napi_typedarray_type type = array_type_of(dtype);
  if (!array) refuse(env, value, name, name_of_type(type));
  if (array->type != type) {
    throw Error(ErrorCode::kDtype, std::string(name) + " must be " + name_of_type(type) +
                                       " for dtype " + kleio::name_of(dtype) + "; got " +
                                       name_of_type(array->type));
  }
  if (const std::size_t remainder = array->length % dim; remainder != 0) {
    throw Error(ErrorCode::kShape, std::string(name) + ".length must be a multiple of dim (" +
                                       std::to_string(dim) + "); got " +
                                       std::to_string(array->length) + " (remainder " +
                                       std::to_string(remainder) + ")");
  }
  return {{array->values, array->length / dim, dim, dtype}, array->shared()};
}

double number_of(napi_env env, napi_value value, const char* name) {
  double number = 0;
  if (napi_get_value_double(env, value, &number) != napi_ok) refuse(env, value, name, "a number");
  return number;
}

std::uint64_t integer_of(napi_env env, napi_value value, const char* name, std::uint64_t least,
                         std::uint64_t most) {
  const double number = number_of(env, value, name);
  // Compared so that NaN fails.
  if (number >= static_cast<double>(least) && number <= static_cast<double>(most) &&
      number == std::floor(number)) {
    return static_cast<std::uint64_t>(number);
  }
  throw Error(ErrorCode::kRange, std::string(name) + " must be an integer from " +
                                     std::to_string(least) + " to " + std::to_string(most) +
                                     "; got " + Napi::Value(env, value).ToString().Utf8Value());
}

float float_of(napi_env env, napi_value value, const char* name) {
  return static_cast<float>(number_of(env, value, name));
}

bool boolean_of(napi_env env, napi_value value, const char* name) {
  bool boolean = false;
  if (napi_get_value_bool(env, value, &boolean) != napi_ok) refuse(env, value, name, "a boolean");
  return boolean;
}

std::string string_of(napi_env env, napi_value value, const char* name) {
  const Napi::Value string(env, value);
  if (!string.IsString()) refuse(env, value, name, "a string");
  return string.As<Napi::String>().Utf8Value();
}

napi_value function_of(napi_env env, napi_value value, const char* name) {
  if (!Napi::Value(env, value).IsFunction()) refuse(env, value, name, "a function");
  return value;
}

std::uint32_t length_of_array(napi_env env, napi_value value, const char* name) {
  const Napi::Value array(env, value);
  if (!array.IsArray()) refuse(env, value, name, "an array");
  return array.As<Napi::Array>().Length();
}

Napi::Object object_of(napi_env env, napi_value value, const char* name) {
  const Napi::Value object(env, value);
  if (!object.IsObject()) refuse(env, value, name, "an object");
  return object.As<Napi::Object>();
}

Dtype dtype_of(napi_env env, napi_value value) {
  return static_cast<Dtype>(integer_of(env, value, "dtype", 0, kDtypeCount - 1));
}

napi_typedarray_type array_type_of(Dtype dtype) noexcept {
  return with_element(dtype,
                      [&]<typename Element>() { return array_type<typename Element::Stored>(); });
}

std::size_t threads_of(napi_env env, napi_value value) {
  return integer_of(env, value, "threads", 0, kMaxThreads);
}

KeptView kept_of(napi_env env, napi_value positions, napi_value scores, std::size_t count,
                 std::size_t k) {
  const auto kept_positions = elements_of<std::int32_t>(env, positions, "positions");
  const auto kept_scores = elements_of<float>(env, scores, "scores");
  require_length(kept_positions.size(), std::uint64_t{count} * k, "positions", "count * k");
  require_length(kept_scores.size(), std::uint64_t{count} * k, "scores", "count * k");
  return {kept_positions, kept_scores, k};
}

void require_length(std::size_t length, std::uint64_t expected, const char* name,
                    const char* meaning) {
  if (length == expected) return;
  throw Error(ErrorCode::kShape, std::string(name) + ".length must be " + meaning + " (" +
                                     std::to_string(expected) + "); got " + std::to_string(length));
}

}  // namespace kleio::addon
