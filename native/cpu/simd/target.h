// How a file compiles a part of itself for an instruction set that not every processor has.
//
//   KLEIO_TARGET_BEGIN("avx2,fma")
//   ...                               may use AVX2 and FMA, templates and lambdas included
//   KLEIO_TARGET_END
//
// Headers that others include too come before the part: an inline function that is compiled within
// it may be the one copy that the linker keeps for all. What is meant for the part is in an unnamed
// namespace.
#pragma once

#define KLEIO_PRAGMA(text) _Pragma(#text)
#if defined(__clang__)
#define KLEIO_TARGET_BEGIN(features) \
  KLEIO_PRAGMA(clang attribute push(__attribute__((target(features))), apply_to = function))
#define KLEIO_TARGET_END KLEIO_PRAGMA(clang attribute pop)
#else
#define KLEIO_TARGET_BEGIN(features) \
  KLEIO_PRAGMA(GCC push_options)     \
  KLEIO_PRAGMA(GCC target(features))
#define KLEIO_TARGET_END KLEIO_PRAGMA(GCC pop_options)
#endif

// A step of a hot loop, which must not become a call.
#define KLEIO_INLINE __attribute__((always_inline)) inline
