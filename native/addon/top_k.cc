#include "addon/top_k.h"

#include <vector>

#include "addon/arguments.h"
#include "addon/environment.h"

namespace kleio::addon {
namespace {

// The matrix where it lies, or a copy if another thread might write to it during the search.
class StableMatrix {
 public:
  explicit StableMatrix(const Embeddings& embeddings) : view_(embeddings.view) {
    if (embeddings.shared) {
      copy_.assign(view_.values, view_.values + view_.byte_size());
      view_.values = copy_.data();
    }
  }
  StableMatrix(const StableMatrix&) = delete;
  StableMatrix& operator=(const StableMatrix&) = delete;

  const MatrixView& view() const noexcept { return view_; }

 private:
  MatrixView view_;
  std::vector<std::byte> copy_;
};

}  // namespace

napi_value top_k(const Call& call) {
  const napi_env env = call.env();
  const Dtype dtype = dtype_of(env, call[2]);
  const std::size_t dim = integer_of(env, call[3], "dim", 1, kMaxDim);
  SearchOptions options;
  options.k = static_cast<std::uint32_t>(integer_of(env, call[4], "k", 1, kMaxRows));
  const StableMatrix targets(embeddings_of(env, call[0], dtype, dim, "targets"));
  const StableMatrix history(embeddings_of(env, call[1], dtype, dim, "history"));
  const KeptView kept = kept_of(env, call[5], call[6], targets.view().rows, options.k);
  if (history.view().rows > kMaxRows) {
    throw Error(ErrorCode::kRange, "history must have at most " + std::to_string(kMaxRows) +
                                       " rows; got " + std::to_string(history.view().rows));
  }
  ProcessRuntime& runtime = *call.environment().runtime();
  runtime.cpu->top_k(history.view(), targets.view(), options, {runtime.pool}, kept);
  return nullptr;
}

}  // namespace kleio::addon
