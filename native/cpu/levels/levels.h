// The list of levels. A level is a file of this folder, which alone knows its instructions, and its
// name here.
#pragma once

#include <optional>

#include "cpu/levels/isa.h"

namespace kleio {

// Makes a level from the lower one that it names, whose operations it has where it has none of its
// own. Nothing where the binary's architecture lacks it.
using MakeLevel = std::optional<Isa>();

MakeLevel scalar_level, avx2_level, avx512_level;

// Lowest first: a machine runs the last that it supports.
inline constexpr MakeLevel* kLevels[] = {scalar_level, avx2_level, avx512_level};

}  // namespace kleio
