// Drives everything below the addon from many threads at once, for the sanitizers: a table that
// grows while everybody reads it, histories that
// are appended to and removed from while pool threads search their snapshots, jobs that are
// withdrawn, cancelled and refused, and callers that share one pool; on the CPU, and through the
// searches of the CUDA backend on a software device. Every result is compared with a plain scan of
// the same moment, so that a torn read shows even where no sanitizer looks. Built by
// native/sanitize.sh, never shipped.
//
// usage: stress [rounds] [seed]
//
// So many rounds of each owner, at each instruction set and number of threads; fewer on the
// software device, whose kernels are slow.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "core/accelerator.h"
#include "core/backend.h"
#include "core/error.h"
#include "core/history.h"
#include "core/order.h"
#include "core/score.h"
#include "cpu/cpu_backend.h"
#include "stress/growing_table.h"

namespace {

using namespace kleio;
constexpr std::size_t kCapacity = 5000;
constexpr std::uint32_t kKept = 20;

std::atomic<std::uint64_t> searches_checked{0};
std::atomic<std::uint64_t> searches_aborted{0};

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "stress: %s\n", what);
  std::exit(1);
}

double dot_of(const RowsView& rows, std::int32_t a, std::int32_t b) {
  const auto row = [&rows](std::int32_t index) {
    return reinterpret_cast<const std::int8_t*>(rows.row(static_cast<std::size_t>(index)));
  };
  return exact_dot(row(a), row(b), rows.dim);
}

// The K best of `behaviours` for the target row, by the definition.
std::vector<OrderKey> plain_search(const RowsView& rows, std::span<const std::int32_t> behaviours,
                                   std::int32_t target) {
  std::vector<OrderKey> keys;
  const double target_norm_sq = dot_of(rows, target, target);
  for (std::size_t position = 0; position < behaviours.size(); ++position) {
    const std::int32_t row = behaviours[position];
    if (row < 0) continue;
    const double norm_sq = dot_of(rows, row, row);
    if (norm_sq == 0 || target_norm_sq == 0) continue;
    keys.push_back(order_key(canonical_cosine(dot_of(rows, target, row), target_norm_sq, norm_sq),
                             static_cast<std::uint32_t>(position)));
  }
  const std::size_t kept = std::min<std::size_t>(keys.size(), kKept);
  std::partial_sort(keys.begin(), keys.begin() + static_cast<std::ptrdiff_t>(kept), keys.end(),
                    std::greater<>());
  keys.resize(kept);
  return keys;
}

// One search of a snapshot on the pool, and what it must find.
class CheckedSearch final : public PoolJob {
 public:
  CheckedSearch(const Backend& backend, ThreadPool& pool, History& history,
                std::vector<std::int32_t> behaviours, std::vector<std::int32_t> targets,
                std::uint32_t threads)
      : backend_(backend),
        pool_(pool),
        snapshot_(history.snapshot()),
        table_(history.table().view()),
        behaviours_(std::move(behaviours)),
        positions_(targets.size() * kKept),
        scores_(targets.size() * kKept) {
    targets_.count = targets.size();
    targets_.rows = std::move(targets);
    options_.k = kKept;
    max_threads_ = threads;
  }

  void run() noexcept override {
    try {
      backend_.search(*snapshot_, targets_, options_,
                      {pool_, Cancellation(cancelled_), max_threads_},
                      {positions_, scores_, kKept});
      check();
      ++searches_checked;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kAborted || !cancelled_) fail(error.what());
      ++searches_aborted;
    }
    done_ = true;  // the last access: the owner may destroy this now
  }

  void cancel() { cancelled_ = true; }
  void wait() const {
    while (!done_) std::this_thread::yield();
  }

 private:
  void check() const {
    for (std::size_t t = 0; t < targets_.count; ++t) {
      const auto expected = plain_search(table_, behaviours_, targets_.rows[t]);
      for (std::size_t i = 0; i < kKept; ++i) {
        const std::size_t place = t * kKept + i;
        const bool there = i < expected.size();
        const std::int32_t position =
            there ? static_cast<std::int32_t>(position_of(expected[i])) : -1;
        if (positions_[place] != position) fail("a position differs");
        if (there && scores_[place] != score_of(expected[i])) fail("a score differs");
      }
    }
  }

  const Backend& backend_;
  ThreadPool& pool_;
  std::shared_ptr<const HistorySnapshot> snapshot_;
  const RowsView table_;
  std::vector<std::int32_t> behaviours_;
  Targets targets_;
  SearchOptions options_;
  std::size_t max_threads_ = 0;
  std::vector<std::int32_t> positions_;
  std::vector<float> scores_;
  std::atomic<bool> cancelled_{false};
  std::atomic<bool> done_{false};
};

// What an owner waits with whom the full queue has refused.
class Told final : public PoolJob {
 public:
  void run() noexcept override { told_ = true; }
  void wait() const {
    while (!told_) std::this_thread::yield();
  }

 private:
  std::atomic<bool> told_{false};
};

// One thread that owns a history: appends, searches in flight meanwhile, cancels, withdraws,
// clears.
class Owner {
 public:
  Owner(const Backend& backend, ThreadPool& pool, std::shared_ptr<const Table> table,
        std::uint64_t seed)
      : backend_(backend),
        pool_(pool),
        history_(std::move(table), backend, {kCapacity}),
        random_(seed) {}

  void run(std::size_t rounds) {
    for (std::size_t round = 0; round < rounds; ++round) {
      append();
      if (random_() % 4 == 0) remove();
      search();
      if (const char* fault = fault_of(history_.table(), random_)) fail(fault);
      if (random_() % 64 == 0) clear();
      while (in_flight_.size() > random_() % 6) retire();
    }
    while (!in_flight_.empty()) retire();
  }

 private:
  void append() {
    std::vector<std::int32_t> rows(random_() % 4 == 0 ? random_() % 3000 : random_() % 5);
    for (std::int32_t& row : rows)
      row = static_cast<std::int32_t>(random_() % (table_rows() + 1)) - 1;
    if (random_() % 3 == 0) {
      append_by_ids(rows);
    } else {
      history_.append(rows, {});
    }
    behaviours_.insert(behaviours_.end(), rows.begin(), rows.end());
    while (present() > kCapacity) drop_oldest();
    if (history_.length() != present()) fail("a length differs");
  }

  // A few, or so many that the items which are left move together.
  void remove() {
    std::vector<std::int64_t> sequences;
    const std::size_t share = random_() % 8 == 0 ? 2 : 40;
    for (std::size_t position = 0; position < behaviours_.size(); ++position) {
      if (random_() % share != 0) continue;
      sequences.push_back(history_.first_sequence() + static_cast<std::int64_t>(position));
      if (behaviours_[position] != kRemoved) ++removed_;
      behaviours_[position] = kRemoved;
    }
    history_.remove(sequences);
    while (!behaviours_.empty() && behaviours_.front() == kRemoved) drop_oldest();
    if (history_.length() != present()) fail("a length after a removal differs");
  }

  std::size_t present() const { return behaviours_.size() - removed_; }
  void drop_oldest() {
    do {
      if (behaviours_.front() == kRemoved) --removed_;
      behaviours_.erase(behaviours_.begin());
    } while (!behaviours_.empty() && behaviours_.front() == kRemoved);
  }

  // An id may lead to another row by now, which holds the same.
  void append_by_ids(std::vector<std::int32_t>& rows) {
    std::vector<std::int64_t> ids;
    for (std::int32_t& row : rows) {
      row = std::max(row, 0);
      ids.push_back(history_.table().id_of(static_cast<std::size_t>(row)));
    }
    history_.append_ids(ids, {});
  }

  std::size_t table_rows() const { return history_.table().rows(); }

  void search() {
    std::vector<std::int32_t> targets(1 + random_() % 12);
    for (std::int32_t& target : targets)
      target = static_cast<std::int32_t>(random_() % table_rows());
    auto search =
        std::make_unique<CheckedSearch>(backend_, pool_, history_, behaviours_, std::move(targets),
                                        static_cast<std::uint32_t>(random_() % 4));
    if (random_() % 4 == 0) {
      search->run();  // as searchSync does: on the caller's thread, with the pool's help
      return;
    }
    while (!pool_.enqueue(*search)) {
      if (!await_room()) return;
    }
    if (random_() % 8 == 0) search->cancel();
    if (random_() % 8 == 0 && pool_.withdraw(*search)) return;
    in_flight_.push_back(std::move(search));
  }

  // False if it gave up before there was room.
  bool await_room() {
    Told told;
    pool_.await_room(told);
    if (random_() % 8 == 0 && pool_.withdraw(told)) return false;
    told.wait();
    return true;
  }

  void clear() {
    history_.clear();
    behaviours_.clear();
    removed_ = 0;
  }

  // Snapshots are dropped here, on the history's own thread.
  void retire() {
    in_flight_.front()->wait();
    in_flight_.erase(in_flight_.begin());
  }

  const Backend& backend_;
  ThreadPool& pool_;
  History history_;
  std::vector<std::int32_t> behaviours_;  // rows, or kRemoved
  std::size_t removed_ = 0;
  std::vector<std::unique_ptr<CheckedSearch>> in_flight_;
  std::mt19937_64 random_;
};

void stress(const Backend& backend, std::size_t threads, std::size_t rounds, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const GrowingTable growing(random());
  ThreadPool pool({.threads = threads, .queue_capacity = 8});
  std::vector<std::thread> owners;
  for (int i = 0; i < 4; ++i) {
    owners.emplace_back([&, owner_seed = random()] {
      Owner(backend, pool, growing.table(), owner_seed).run(rounds);
    });
  }
  for (std::thread& owner : owners) owner.join();
}

}  // namespace

int main(int count, char** arguments) {
  const std::size_t rounds = count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 200;
  const std::uint64_t seed =
      count > 2 ? std::strtoull(arguments[2], nullptr, 10) : std::random_device{}();
  const std::vector<const Isa*> levels = supported_isas();
  constexpr std::size_t kThreadCounts[] = {1, 2, 3, 5};
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  for (const Isa* isa : levels) {
    const std::unique_ptr<Backend> cpu = make_cpu_backend(*isa);
    for (const std::size_t threads : kThreadCounts) stress(*cpu, threads, rounds, seed);
  }
  const std::unique_ptr<Backend> cpu = make_cpu_backend(*levels.back());
  // Opened anew each time: most of what threads share of a device is made by its first requests.
  std::uint64_t updated = 0;
  std::uint64_t evicted = 0;
  for (std::uint64_t opened = 0; opened < 4; ++opened) {
    // Not room for all histories, so that they evict each other.
    const auto device = open_accelerator(0, *cpu, {.history_budget_bytes = kCapacity * 8});
    stress(*device, 3, 3 + rounds / 20, seed + opened);
    updated += device->usage().histories_updated;
    evicted += device->usage().histories_evicted;
  }
  std::printf("histories on the device: %llu updated, %llu evicted\n",
              static_cast<unsigned long long>(updated), static_cast<unsigned long long>(evicted));
  std::printf("%llu searches checked, %llu aborted\n",
              static_cast<unsigned long long>(searches_checked.load()),
              static_cast<unsigned long long>(searches_aborted.load()));
  return searches_checked > 0 && updated > 0 && evicted > 0 ? 0 : 1;
}
