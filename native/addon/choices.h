// The values of enums under the names by which lib knows them, and the reading of one as an
// argument. `binding.contract` shows all of them to a test (addon/contract.h).
#pragma once

#include <cstddef>

#include "addon/arguments.h"
#include "core/accelerator.h"
#include "core/id_index.h"
#include "core/peak_loop.h"
#include "core/ranking.h"
#include "core/select_width.h"
#include "tree/scorer_model.h"
#include "tree/tree_state.h"

namespace kleio::addon {

template <typename Enum>
struct Choice {
  const char* name;
  Enum value;
};

// How the targets of a search are given.
enum class TargetKind : std::uint8_t { kRows = 0, kIds = 1, kEmbeddings = 2, kNone = 3 };

// Each in the order of its values, which count from 0.
inline constexpr Choice<TargetKind> kTargetKinds[] = {
    {"rows", TargetKind::kRows},
    {"ids", TargetKind::kIds},
    {"embeddings", TargetKind::kEmbeddings},
    {"none", TargetKind::kNone},
};
inline constexpr Choice<LifelongUnit> kLifelongUnits[] = {
    {"cosine", LifelongUnit::kCosine},
    {"category", LifelongUnit::kCategory},
    {"none", LifelongUnit::kNone},
    {"learned-cosine", LifelongUnit::kLearnedCosine},
};
inline constexpr Choice<EmptyPlaces> kEmptyPlacesChoices[] = {
    {"release", EmptyPlaces::kRelease},
    {"mask", EmptyPlaces::kMask},
};
inline constexpr Choice<Duplicates> kDuplicatesChoices[] = {
    {"error", Duplicates::kError},
    {"first", Duplicates::kFirst},
    {"last", Duplicates::kLast},
};
inline constexpr Choice<Peak> kPeaks[] = {
    {"int8", Peak::kInt8},
    {"float32", Peak::kFloat32},
    {"read", Peak::kRead},
    {"float16", Peak::kFloat16},
};
inline constexpr Choice<CandidateSearch> kCandidateSearches[] = {
    {"blocks", CandidateSearch::kBlocks},
    {"lists", CandidateSearch::kLists},
    {"auto", CandidateSearch::kComputed},
};
inline constexpr Choice<AppendKernel> kAppendKernels[] = {
    {"mma", AppendKernel::kMma},
    {"wgmma", AppendKernel::kWgmma},
};
inline constexpr Choice<SelectWidth> kSelectWidths[] = {
    {"block", SelectWidth::kBlock},
    {"warp", SelectWidth::kWarp},
};
inline constexpr Choice<Split> kSplits[] = {
    {"balanced", Split::kBalanced},
    {"plain", Split::kPlain},
};
inline constexpr Choice<ScorerKind> kScorerKinds[] = {
    {"miss", ScorerKind::kMiss},
    {"two-tower", ScorerKind::kTwoTower},
};
inline constexpr Choice<CoGsu> kCoGsus[] = {
    {"projected", CoGsu::kProjected},
    {"inner", CoGsu::kInner},
    {"twin", CoGsu::kTwin},
};
inline constexpr Choice<Lists> kListsChoices[] = {
    {"both", Lists::kBoth},
    {"collaborative", Lists::kCollaborative},
    {"multimodal", Lists::kMultimodal},
    {"none", Lists::kNone},
};

template <typename Enum, std::size_t kCount>
consteval bool is_in_order(const Choice<Enum> (&choices)[kCount]) {
  for (std::size_t i = 0; i < kCount; ++i) {
    if (static_cast<std::size_t>(choices[i].value) != i) return false;
  }
  return true;
}
static_assert(is_in_order(kTargetKinds) && is_in_order(kLifelongUnits) &&
              is_in_order(kEmptyPlacesChoices) && is_in_order(kPeaks) &&
              is_in_order(kCandidateSearches) && is_in_order(kAppendKernels) &&
              is_in_order(kSelectWidths) && is_in_order(kSplits) && is_in_order(kScorerKinds) &&
              is_in_order(kCoGsus) && is_in_order(kListsChoices) &&
              is_in_order(kDuplicatesChoices));

// The argument as one of the choices. Throws kArgument, kRange.
template <typename Enum, std::size_t kCount>
Enum choice_of(napi_env env, napi_value value, const char* name,
               const Choice<Enum> (&choices)[kCount]) {
  return choices[integer_of(env, value, name, 0, kCount - 1)].value;
}

}  // namespace kleio::addon
