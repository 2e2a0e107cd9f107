// Constants of the released MUSE ranker. No functions: files of every instruction set include this.
#pragma once

namespace kleio {

inline constexpr float kMaskedLogit = 1e9f;    // subtracted from alpha where a mask is 0
inline constexpr float kWeightFloor = 1e-7f;   // added to every softmax weight
inline constexpr float kDiceEpsilon = 1e-12f;  // added to a variance

}  // namespace kleio
