// `NativeTensor` of lib/binding/contract/native-weights.ts, read: one tensor of a model.
#pragma once

#include <napi.h>

#include <cstddef>

#include "addon/source_files.h"
#include "core/ranker_weights.h"

namespace kleio::addon {

// A member of an object that must be an object itself.
Napi::Object member(const Napi::Object& object, const char* name);

// In one of `files`, or with its elements, a typed array, which are copied.
WeightTensor weight_tensor_of(const Napi::Object& tensor, SourceFiles& files,
                              napi_typedarray_type type, std::size_t element_bytes);

}  // namespace kleio::addon
