// What a software block stores for other blocks of its launch: held back as long as a GPU could
// hold it back, so that a kernel that forgets a fence reads what was there before.
//
// A fence by one thread lets out what the thread stored, and what the block stored before its last
// barrier. What was not let out when the block takes a ticket comes out at the end of the launch:
// whoever sees the ticket need not see it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace kleio::cuda {

struct HeldStore {
  float* to = nullptr;
  float value = 0;
  std::uint32_t thread = 0;

  void apply() const noexcept { *to = value; }
};

// Of a launch; outlives its blocks.
class SoftwareLaunchStores {
 public:
  SoftwareLaunchStores() = default;
  ~SoftwareLaunchStores() {
    for (const HeldStore& store : held_) store.apply();
  }
  SoftwareLaunchStores(const SoftwareLaunchStores&) = delete;
  SoftwareLaunchStores& operator=(const SoftwareLaunchStores&) = delete;

  void keep(const std::vector<HeldStore>& stores) {
    held_.insert(held_.end(), stores.begin(), stores.end());
  }

 private:
  std::vector<HeldStore> held_;
};

// Of a block. Without a launch to keep them, stores come out with the block.
class SoftwarePublishing {
 public:
  explicit SoftwarePublishing(SoftwareLaunchStores* launch) : launch_(launch) {}
  ~SoftwarePublishing() {
    take_ticket();
    if (launch_ != nullptr) {
      launch_->keep(late_);
    } else {
      for (const HeldStore& store : late_) store.apply();
    }
  }
  SoftwarePublishing(const SoftwarePublishing&) = delete;
  SoftwarePublishing& operator=(const SoftwarePublishing&) = delete;

  void hold(const HeldStore& store) { held_.push_back(store); }
  void take_ticket() {
    late_.insert(late_.end(), held_.begin(), held_.end());
    held_.clear();
    before_barrier_ = 0;
  }
  void end_epoch() noexcept { before_barrier_ = held_.size(); }

  void fence(std::uint32_t thread) {
    std::vector<HeldStore> rest;
    for (std::size_t i = 0; i < held_.size(); ++i) {
      if (i < before_barrier_ || held_[i].thread == thread) {
        held_[i].apply();
      } else {
        rest.push_back(held_[i]);
      }
    }
    held_ = std::move(rest);
    before_barrier_ = 0;
  }

 private:
  SoftwareLaunchStores* launch_;
  std::vector<HeldStore> held_;
  std::vector<HeldStore> late_;
  std::size_t before_barrier_ = 0;
};

}  // namespace kleio::cuda
