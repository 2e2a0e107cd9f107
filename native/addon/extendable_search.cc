#include "addon/extendable_search.h"

#include <array>
#include <utility>
#include <vector>

#include "addon/arguments.h"
#include "addon/completion_channel.h"
#include "addon/environment.h"
#include "addon/field_arrays.h"
#include "addon/history_handle.h"
#include "addon/search_request.h"
#include "core/behaviour_fields.h"
#include "core/error.h"

namespace kleio::addon {
namespace {

// Up to so many products, and places to fill, a search is extended in less time than it takes to
// hand it to another thread and to hear of it.
constexpr std::size_t kBriefWork = std::size_t{1} << 18;
constexpr std::size_t kBriefPlaces = std::size_t{1} << 13;

// The arguments of each asking.
enum Argument : std::size_t { kPositions, kScores, kFields, kDone };

// The arrays to fill.
struct Places {
  KeptView kept;
  FieldsView fields;
};

// Throws Error where behaviours lack by now what the search asks of them.
Places places_of(const Call& call, const LastingQuestion& question, const History& history) {
  require_attributes(question.options(), history);
  const KeptView kept = kept_of(call.env(), call[kPositions], call[kScores],
                                question.targets().count, question.options().k);
  return {kept, fields_of(call.env(), call[kFields], kept.positions().size(), history)};
}

// Asks `now`; `to_search` gives the same with its embeddings, which are needed for what is searched
// anew.
template <typename ToSearch>
void ask(const LastingQuestion& question, const HistorySnapshot& now, const ToSearch& to_search,
         RememberedKept& remembered, const Places& places, const CallContext& context) {
  ExtendedSearch search(question, now, remembered, places.kept, context);
  if (search.extends()) {
    const std::vector<std::size_t> uncertain = search.extend();
    if (!uncertain.empty()) search.search_anew(*to_search(), uncertain);
  } else {
    search.search_anew(*to_search());
  }
  read_kept_fields(now, places.kept, places.fields, context);
}

class ExtendableSearchJob final : public Job {
 public:
  ExtendableSearchJob(const Call& call, const ExtendableSearchHandle& search,
                      std::shared_ptr<const HistorySnapshot> now, const Places& places)
      : question_(search.question()),
        before_(search.remembered()),
        now_(std::move(now)),
        places_(places),
        runtime_(*call.environment().runtime()),
        search_(Napi::Persistent(Napi::Object(call.env(), call.self()))),
        positions_(Napi::Persistent(Napi::Object(call.env(), call[kPositions]))),
        scores_(Napi::Persistent(Napi::Object(call.env(), call[kScores]))) {
    const Napi::Value fields(call.env(), call[kFields]);
    if (fields.IsObject()) fields_ = Napi::Persistent(fields.As<Napi::Object>());
  }

 private:
  void perform() override {
    after_ = std::make_shared<RememberedKept>(*before_);
    ask(*question_, *now_, [this] { return now_; }, *after_, places_,
        {runtime_.pool, cancellation(), question_->max_threads()});
  }

  napi_value result(napi_env env) override {
    unwrap<ExtendableSearchHandle>(env, search_.Value(), "this").remember(std::move(after_));
    return Napi::Env(env).Undefined();
  }

  const std::shared_ptr<const LastingQuestion> question_;
  const std::shared_ptr<const RememberedKept> before_;
  std::shared_ptr<RememberedKept> after_;
  const std::shared_ptr<const HistorySnapshot> now_;
  const Places places_;
  ProcessRuntime& runtime_;  // the environment holds it until its jobs are over
  Napi::ObjectReference search_;
  Napi::ObjectReference positions_;
  Napi::ObjectReference scores_;
  Napi::ObjectReference fields_;  // empty: none are asked for
};

ExtendableSearchHandle& self_of(const Call& call) {
  return unwrap<ExtendableSearchHandle>(call.env(), call.self(), "this");
}

// A search that is asked again on the calling thread.
struct Asking {
  explicit Asking(const Call& call)
      : self(self_of(call)),
        handle(self.history()),
        history(handle.history()),
        question(*self.question()) {
    prefetch_rows(question, history.present(), *self.remembered());
    places = places_of(call, question, history);
  }

  ExtendableSearchHandle& self;
  HistoryHandle& handle;
  History& history;
  const LastingQuestion& question;
  Places places;
};

napi_value first_of(const Call& call, const History& history) {
  return Napi::Number::New(call.env(), static_cast<double>(history.first_sequence()));
}

napi_value search_sync(const Call& call) {
  const Asking asked(call);
  const CallContext context = {.pool = asked.handle.runtime().pool,
                               .max_threads = asked.question.max_threads()};
  std::shared_ptr<RememberedKept> remembered = asked.self.writable();
  bool searched = false;
  const auto to_search = [&] {
    searched = true;
    return asked.history.snapshot();
  };
  ask(asked.question, asked.history.present(), to_search, *remembered, asked.places, context);
  asked.self.remember(std::move(remembered));
  if (searched) asked.handle.account();  // which may put the history on its device
  return first_of(call, asked.history);
}

// The same if it is brief; otherwise -1, and nothing has been done.
napi_value search_briefly(const Call& call) {
  const Asking asked(call);
  const napi_value is_long = Napi::Number::New(call.env(), -1);
  if (asked.question.places() > kBriefPlaces) return is_long;
  const CallContext context = {.pool = asked.handle.runtime().pool, .max_threads = 1};
  std::shared_ptr<RememberedKept> remembered = asked.self.writable();
  {
    ExtendedSearch search(asked.question, asked.history.present(), *remembered, asked.places.kept,
                          context);
    if (!search.extends() || search.work() > kBriefWork) return is_long;
    if (search.loses_nothing()) {
      search.extend();
      read_kept_fields(asked.history.present(), asked.places.kept, asked.places.fields, context);
      asked.self.remember(std::move(remembered));
      return first_of(call, asked.history);
    }
  }
  auto tried = std::make_shared<RememberedKept>(*remembered);
  ExtendedSearch search(asked.question, asked.history.present(), *tried, asked.places.kept,
                        context);
  if (!search.extend().empty()) return is_long;
  read_kept_fields(asked.history.present(), asked.places.kept, asked.places.fields, context);
  asked.self.remember(std::move(tried));
  return first_of(call, asked.history);
}

napi_value search(const Call& call) {
  const napi_env env = call.env();
  ExtendableSearchHandle& self = self_of(call);
  const napi_value done = function_of(env, call[kDone], "done");
  History& history = self.history().history();
  const Places places = places_of(call, *self.question(), history);
  auto job = std::make_unique<ExtendableSearchJob>(call, self, history.snapshot(), places);
  const std::uint64_t number = call.environment().channel().submit(std::move(job), done);
  return Napi::Number::New(env, static_cast<double>(number));
}

}  // namespace

Napi::FunctionReference ExtendableSearchHandle::define(napi_env env) {
  const std::array members = {
      method("searchSync", entry<search_sync>),
      method("searchBriefly", entry<search_briefly>),
      method("search", entry<addon::search>),
  };
  return define_class(env, "NativeExtendableSearch", members);
}

ExtendableSearchHandle::ExtendableSearchHandle(napi_env env, HistoryHandle& history,
                                               std::shared_ptr<const LastingQuestion> question)
    : history_(&history),
      next_(history.extendable()),
      link_(&history.extendable()),
      question_(std::move(question)),
      remembered_(std::make_shared<RememberedKept>()),
      external_(env) {
  if (next_ != nullptr) next_->link_ = &next_;
  *link_ = this;
  external_.tell(question_->byte_size());
}

void ExtendableSearchHandle::leave_history() noexcept {
  if (history_ == nullptr) return;
  *link_ = next_;
  if (next_ != nullptr) next_->link_ = link_;
  history_ = nullptr;
}

HistoryHandle& ExtendableSearchHandle::history() const {
  if (history_ == nullptr) throw Error(ErrorCode::kClosed, "the history is closed");
  return *history_;
}

const std::shared_ptr<const LastingQuestion>& ExtendableSearchHandle::question() const {
  static_cast<void>(history());
  return question_;
}

std::shared_ptr<RememberedKept> ExtendableSearchHandle::writable() const {
  if (remembered_.use_count() == 1) return remembered_;
  return std::make_shared<RememberedKept>(*remembered_);
}

void ExtendableSearchHandle::remember(std::shared_ptr<RememberedKept> kept) noexcept {
  if (history_ == nullptr) return;
  const bool is_later = kept->end > remembered_->end ||
                        (kept->end == remembered_->end && kept->removals >= remembered_->removals);
  if (is_later || !remembered_->is_whole) remembered_ = std::move(kept);
  external_.tell(question_->byte_size() + remembered_->byte_size());
}

void ExtendableSearchHandle::close() noexcept {
  leave_history();
  question_.reset();
  remembered_.reset();
  external_.tell(0);
}

napi_value make_extendable_search(const Call& call) {
  const napi_env env = call.env();
  HistoryHandle& history = unwrap<HistoryHandle>(env, call.self(), "this");
  AskedSearch asked = asked_search_of(call, history.history());
  auto question = std::make_shared<const LastingQuestion>(
      std::move(asked.targets), std::move(asked.options), asked.max_threads);
  return wrap(call.environment().extendable_search_class,
              std::make_unique<ExtendableSearchHandle>(env, history, std::move(question)));
}

}  // namespace kleio::addon
