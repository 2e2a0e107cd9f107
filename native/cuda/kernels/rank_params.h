// What the ranking kernels read and write: plain structs of sizes and pointers to device memory.
//
// Widths are those of core/ranker_model.h. Every float32 matrix is row-major; weights of a linear
// layer are transposed, so that neighbouring threads read neighbouring outputs. Pointers are
// aligned to 16 bytes, strides of weights are multiples of 4 floats, zeros fill what they leave.
#pragma once

#include <cstdint>

#include "core/tier_scale.h"
#include "cuda/kernels/rank_plan.h"
#include "cuda/kernels/search_params.h"

namespace kleio::cuda {

// y = W x + b. The sum over the inputs is made of two: over the first `split` inputs from zero and
// over the rest from the bias, each in ascending order, then added. A behaviour's item part and
// category part are such sums, which therefore may be tabulated without changing a bit.
struct LinearParams {
  const float* weight = nullptr;  // [inputs][stride]
  const float* bias = nullptr;    // [stride]
  std::uint32_t inputs = 0;
  std::uint32_t split = 0;  // at most inputs
  std::uint32_t outputs = 0;
  std::uint32_t stride = 0;        // outputs rounded up to 4
  std::uint32_t tabulated_at = 0;  // first column of its sums in a ProjectionTable
};

// Both sums of every layer that reads a behaviour or a candidate's [item | category], for every row
// of the two vocabularies.
struct ProjectionTable {
  const float* items = nullptr;       // [item rows][stride]: sums from zero; null: no table
  const float* categories = nullptr;  // [category rows][stride]: sums from the bias
  std::uint32_t stride = 0;
};

// One head of semantic-aware target attention.
struct HeadParams {
  LinearParams key, value;
  const float* temperatures = nullptr;  // [channels]; null: alpha alone counts
  std::uint32_t query_offset = 0;       // of its query among a target's queries
  float gain_alpha = 1, gain_rho = 0, gain_product = 0;
};

struct TowerLayerParams {
  LinearParams linear;
  const float* dice_gamma = nullptr;  // [outputs]
};

struct FeatureParams {
  const float* embeddings = nullptr;  // [rows][width], row 0 for unknown ids and padding
  std::uint32_t width = 0;
  std::uint32_t column = 0;  // of the tower's input where a candidate's or a user's begins
};

struct RankModelParams {
  TableParams similarity;                        // what SimTier compares; codes are not read
  FeatureParams item, category, city, province;  // all of one width D
  const FeatureParams* user = nullptr;           // [user_features]
  const HeadParams* heads = nullptr;             // [head_count]
  const TowerLayerParams* tower = nullptr;       // [tower_layers]
  const float* short_tier_weights = nullptr;     // [short_tiers]
  const float* kept_tier_weights = nullptr;      // [kept_tiers]
  // The short attention's query, from the next multiple of 4 on the heads' queries.
  LinearParams queries;
  LinearParams short_key;
  ProjectionTable projections;
  TierScale tier_scale;
  float attention_scale = 1;
  std::uint32_t embedding_dim = 0;  // D
  std::uint32_t user_features = 0;
  std::uint32_t head_count = 0;
  std::uint32_t tower_layers = 0;
  std::uint32_t short_tiers = 0;
  std::uint32_t kept_tiers = 0;
  std::uint32_t lifelong_width = 0;  // sum of the heads' value widths
  std::uint32_t tower_width = 0;     // inputs of the tower
};

// A behaviour's rows: of the item and category embeddings, and of the similarity table (-1: none).
// {0, 0, -1} is padding.
struct BehaviourRows {
  std::int32_t item = 0;
  std::int32_t category = 0;
  std::int32_t similarity = -1;
};

// One user's request; a launch may hold many.
struct UserParams {
  const std::int32_t* item_rows = nullptr;      // [history length], by position
  const std::int32_t* category_rows = nullptr;  // likewise
  const BehaviourRows* recent = nullptr;        // [recent_count], oldest first, with padding
  const std::int32_t* features = nullptr;       // [user_features] embedding rows
  std::uint32_t recent_count = 0;
};

struct CandidateRows {
  std::int32_t item = 0, category = 0, city = 0, province = 0;  // embedding rows
  std::int32_t similarity = -1;  // row of the similarity table, -1: none
  std::uint32_t user = 0;        // index of its UserParams
};

struct RankParams {
  RankModelParams model;
  RankPlan plan;
  const UserParams* users = nullptr;
  const CandidateRows* candidates = nullptr;  // [places]
  const std::uint32_t* count = nullptr;       // [1], of candidates; the places beyond are padding
  std::uint32_t places = 0;
  std::uint32_t k = 0;
  std::uint32_t mask_empty = 0;  // 1: empty places count nowhere; 0: they are padding
  // What each candidate keeps: selected by the launch if `select` has targets, one for each
  // candidate (of a model with a ProjectionTable), and in place before it otherwise. Scores may be
  // missing then: they are the cosines of the rows in `kept_similarity_rows`, and are written.
  SelectParams select;
  const std::int32_t* positions = nullptr;             // [places][k], -1 in empty places, the last
  float* scores = nullptr;                             // [places][k]
  const std::int32_t* kept_similarity_rows = nullptr;  // [places][k], or null: scores are there
  // Workspace.
  float* tower_inputs = nullptr;      // [places][tower_width], the release's order; a result too
  std::uint32_t* arrivals = nullptr;  // [tiles of candidates], zero before and after a launch
  // Results.
  float* probabilities = nullptr;  // [places]
  float* interests = nullptr;      // [places][kept_tiers + lifelong_width], or null
};

// One of the two sums of a layer for every row of a vocabulary, into a ProjectionTable.
struct TabulateParams {
  LinearParams linear;
  const float* embeddings = nullptr;  // [rows][width]
  float* table = nullptr;             // [rows][table_stride]
  std::uint32_t rows = 0;
  std::uint32_t width = 0;
  std::uint32_t table_stride = 0;
  std::uint32_t first_input = 0;  // 0: sums from zero; linear.split: from the bias
  std::uint32_t block_rows = 0;   // rows of a thread block, whose embeddings fit shared memory
};

// Target attention alone, every target with behaviours of its own (core/target_attention_batch.h).
struct AttendParams {
  const HeadParams* heads = nullptr;  // [head_count]
  LinearParams queries;               // of all heads
  const float* targets = nullptr;     // [count][width]
  // Behaviours of each target, at most k, in the first of its k places.
  const std::uint32_t* present = nullptr;  // [count]
  const float* behaviours = nullptr;       // [count][k][width]
  const float* scores = nullptr;           // [channels][count][k]
  const float* mask = nullptr;             // [count][k], 0 is masked; or null
  float* out = nullptr;                    // [count][lifelong_width]
  RankPlan plan;
  float scale = 1;
  std::uint32_t count = 0;
  std::uint32_t k = 0;
  std::uint32_t width = 0;  // of targets and behaviours
  std::uint32_t channels = 0;
  std::uint32_t head_count = 0;
  std::uint32_t lifelong_width = 0;
};

}  // namespace kleio::cuda
