// The CPU backend: packed int8 panels, a certified scan, canonical rescoring. With cpu/levels/isa.h
// all that others need of native/cpu.
#pragma once

#include <memory>

#include "core/backend.h"
#include "cpu/levels/isa.h"

namespace kleio {

// Of a level that this machine supports.
std::unique_ptr<Backend> make_cpu_backend(const Isa& isa);

}  // namespace kleio
