#include "addon/read_ranker_weights.h"

#include <limits>
#include <string>

#include "addon/arguments.h"
#include "addon/choices.h"
#include "addon/limits.h"
#include "addon/weight_tensor.h"

namespace kleio::addon {
namespace {

// The tensors of a model, one after the other.
class WeightsReader {
 public:
  explicit WeightsReader(const Napi::Object& weights) : weights_(weights), env_(weights.Env()) {}

  RankerWeights read() {
    RankerWeights read;
    read.keep_top = integer_of(env_, weights_.Get("keepTop"), "keepTop", 1, kMaxKept);
    read.short_steps = integer_of(env_, weights_.Get("shortSteps"), "shortSteps", 0, kMaxKept);
    read.tier_width = static_cast<float>(number_of(env_, weights_.Get("tierWidth"), "tierWidth"));
    read.attention_scale =
        static_cast<float>(number_of(env_, weights_.Get("attentionScale"), "attentionScale"));
    read.item = feature(member(weights_, "item"));
    read.category = feature(member(weights_, "category"));
    read.city = feature(member(weights_, "city"));
    read.province = feature(member(weights_, "province"));
    read.short_query = linear(member(weights_, "shortQuery"));
    read.short_key = linear(member(weights_, "shortKey"));
    for_each("user", [&](const Napi::Object& user) { read.user.push_back(feature(user)); });
    for_each("heads", [&](const Napi::Object& head) {
      read.heads.push_back({linear(member(head, "query")), linear(member(head, "key")),
                            linear(member(head, "value"))});
    });
    for_each("tower", [&](const Napi::Object& layer) {
      read.tower.push_back({linear(member(layer, "linear")), floats(layer, "diceGamma")});
    });
    read.temperatures = floats(weights_, "temperatures");
    read.gains = floats(weights_, "gains");
    read.short_tier_weights = floats(weights_, "shortTierWeights");
    read.lifelong_tier_weights = floats(weights_, "lifelongTierWeights");
    add_similarity(read);
    return read;
  }

 private:
  template <typename Visit>
  void for_each(const char* name, Visit visit) {
    const Napi::Object list = member(weights_, name);
    const auto length = static_cast<std::uint32_t>(
        integer_of(env_, list.Get("length"), name, 0, std::numeric_limits<std::uint16_t>::max()));
    for (std::uint32_t i = 0; i < length; ++i) visit(object_of(env_, list.Get(i), name));
  }

  WeightTensor tensor(const Napi::Object& object, napi_typedarray_type type,
                      std::size_t element_bytes) {
    return weight_tensor_of(object, files_, type, element_bytes);
  }

  WeightTensor floats(const Napi::Object& object, const char* name) {
    return tensor(member(object, name), napi_float32_array, sizeof(float));
  }
  WeightTensor ids(const Napi::Object& object, const char* name) {
    return tensor(member(object, name), napi_bigint64_array, sizeof(std::int64_t));
  }
  LinearWeights linear(const Napi::Object& object) {
    return {floats(object, "weight"), floats(object, "bias")};
  }
  FeatureWeights feature(const Napi::Object& object) {
    return {ids(object, "ids"), floats(object, "embeddings")};
  }

  void add_similarity(RankerWeights& read) {
    const Napi::Object similarity = member(weights_, "similarity");
    read.similarity_dtype = dtype_of(env_, similarity.Get("dtype"));
    read.similarity_ids = ids(similarity, "ids");
    read.duplicates =
        choice_of(env_, similarity.Get("duplicates"), "duplicates", kDuplicatesChoices);
    read.similarity_values =
        tensor(member(similarity, "values"), array_type_of(read.similarity_dtype),
               size_of(read.similarity_dtype));
  }

  const Napi::Object& weights_;
  napi_env env_;
  SourceFiles files_;
};

}  // namespace

RankerWeights ranker_weights_of(napi_env env, napi_value value) {
  const Napi::Object weights = object_of(env, value, "weights");
  return WeightsReader(weights).read();
}

}  // namespace kleio::addon
