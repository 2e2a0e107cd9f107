#include "cpu/search/searchable.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

namespace kleio {

Searchable::Searchable(const HistorySnapshot& history, const PanelView& panels,
                       const SearchOptions& options)
    : history_(&history), panels_(panels), rows_(history.table->view()), unit_(options.unit) {
  if (panels.is_part_of_panel()) whole_ = panels.whole_panel(unit_, whole_memory_);
  if (options.by_time()) timed_by_ = &options;
  if (timed_by_ != nullptr || !options.excluded_rows.empty()) hide_slots(options);
}

Searchable::Searchable(const MatrixView& rows, const PanelView& panels,
                       const SearchOptions& options)
    : history_(nullptr), panels_(panels), rows_(rows), unit_(options.unit) {}

void Searchable::hide_slots(const SearchOptions& options) {
  float* scales = masked_scales_.require(panel_count() * kPanelRows);
  for (std::size_t p = 0; p < panel_count(); ++p) {
    std::copy_n(unmasked_panel(p).scale, kPanelRows, scales + p * kPanelRows);
  }
  if (timed_by_ != nullptr) {
    newest_.assign(slot_count(), -1);
    for (std::int64_t s = history_->first(); s < history_->end(); ++s) {
      const std::int32_t slot = history_->slot_of[s];
      if (slot >= 0 && is_in_time(s)) newest_[static_cast<std::size_t>(slot)] = s;
    }
    for (std::size_t slot = 0; slot < newest_.size(); ++slot) {
      if (newest_[slot] < 0) scales[slot] = kHiddenScale;
    }
  }
  if (options.excluded_rows.empty()) return;
  const std::unordered_set<std::int32_t> excluded(options.excluded_rows.begin(),
                                                  options.excluded_rows.end());
  for (std::size_t slot = 0; slot < slot_count(); ++slot) {
    if (excluded.contains(history_->slots[static_cast<std::int64_t>(slot)].row)) {
      scales[slot] = kHiddenScale;
    }
  }
}

Panel Searchable::panel(std::size_t index) const noexcept {
  Panel panel = unmasked_panel(index);
  if (masked_scales_.size() > 0) panel.scale = masked_scales_.data() + index * kPanelRows;
  return panel;
}

bool Searchable::is_visible(std::uint32_t slot) const noexcept {
  return !std::isnan(panel(slot / kPanelRows).scale[slot % kPanelRows]);
}

}  // namespace kleio
