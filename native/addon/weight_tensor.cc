#include "addon/weight_tensor.h"

#include <cstring>

#include "addon/arguments.h"
#include "addon/limits.h"

namespace kleio::addon {
namespace {

std::vector<std::size_t> shape_of(const Napi::Object& object) {
  const Napi::Object shape = member(object, "shape");
  const napi_env env = object.Env();
  const auto dimensions = static_cast<std::uint32_t>(
      integer_of(env, shape.Get("length"), "shape.length", 0, kMaxExtents));
  std::vector<std::size_t> extents(dimensions);
  for (std::uint32_t d = 0; d < dimensions; ++d) {
    extents[d] = integer_of(env, shape.Get(d), "shape", 0, kMaxSafeInteger);
  }
  return extents;
}

LargeBuffer copy_of(napi_env env, napi_value value, napi_typedarray_type type,
                    std::size_t element_bytes, const char* name) {
  const TypedArray array = require_typed_array(env, value, type, name);
  LargeBuffer copy(array.length * element_bytes);
  if (copy.size() > 0) std::memcpy(copy.data(), array.values, copy.size());
  return copy;
}

}  // namespace

Napi::Object member(const Napi::Object& object, const char* name) {
  return object_of(object.Env(), object.Get(name), name);
}

WeightTensor weight_tensor_of(const Napi::Object& tensor, SourceFiles& files,
                              napi_typedarray_type type, std::size_t element_bytes) {
  const napi_env env = tensor.Env();
  WeightTensor read;
  read.name = string_of(env, tensor.Get("name"), "name");
  read.shape = shape_of(tensor);
  read.unsigned_ids = boolean_of(env, tensor.Get("unsignedIds"), "unsignedIds");
  const Napi::Value file = tensor.Get("file");
  if (!file.IsUndefined()) {
    read.file = files.of(env, file);
    read.offset_bytes = integer_of(env, tensor.Get("offset"), "offset", 0, kMaxSafeInteger);
  } else {
    read.values = copy_of(env, tensor.Get("values"), type, element_bytes, read.name.c_str());
  }
  return read;
}

}  // namespace kleio::addon
