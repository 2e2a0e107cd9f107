// The CPU backend: packed int8 panels, a certified scan, canonical rescoring.
#pragma once

#include <memory>

#include "core/backend.h"
#include "cpu/simd/isa.h"

namespace kleio {

std::unique_ptr<Backend> make_cpu_backend(Isa isa);

}  // namespace kleio
