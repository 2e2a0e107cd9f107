// `NativeTensor` of lib/binding/contract/native-weights.ts, read: one tensor of a model.
#pragma once

#include <napi.h>

#include <cstddef>

#include "core/ranker_weights.h"

namespace kleio::addon {

// A member of an object that must be an object itself.
Napi::Object member(const Napi::Object& object, const char* name);

// `in_file`: the tensor has an offset; otherwise its elements, a typed array, are copied.
WeightTensor weight_tensor_of(const Napi::Object& tensor, bool in_file, napi_typedarray_type type,
                              std::size_t element_bytes);

}  // namespace kleio::addon
