#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "core/history_bytes.h"
#include "core/history_reading.h"
#include "core/history_sections.h"
#include "core/packed_history.h"

namespace kleio {
namespace {

History empty_over(const HistoryGround& ground, HistoryOptions options) {
  if (ground.model) return {ground.model, *ground.backend, options};
  return {ground.table, *ground.backend, options};
}

// Whether rows mean the same items over any table without ids, and are not to be of one.
enum class SameRows : bool { kNo, kYes };

// Appends the behaviours of plain bytes, and takes away again what was removed.
class PlainReader {
 public:
  PlainReader(HistorySections& sections, const HistoryGround& ground, SameRows same_rows,
              const CallContext& context)
      : header_(sections.header()), context_(context) {
    require_names(sections, ground, same_rows);
    const std::size_t count = header_.behaviours;
    if (header_.places > count) {
      present_ = sections.column<std::uint8_t>(Section::kPresent, (header_.places + 7) / 8);
      require_present();
    }
    if (sections.brings(kBringsIds)) {
      ids_ = sections.column<std::int64_t>(Section::kIds, count);
      unnamed_ = sections.any<std::uint32_t>(Section::kUnnamed);
      require_unnamed();
    } else {
      rows_ = sections.column<std::int32_t>(Section::kRows, count);
      if (same_rows == SameRows::kNo) require_rows();
    }
    if (sections.brings(kBringsCategories)) {
      attributes_.categories = sections.column<std::int64_t>(Section::kCategories, count);
    }
    if (sections.brings(kBringsTimes)) {
      attributes_.times = sections.column<double>(Section::kTimes, count);
      require_finite_times(*attributes_.times);
    }
    sections.require_no_others();
    history_.emplace(empty_over(ground, {.first_sequence = header_.first}));
  }

  History read(std::size_t capacity) {
    std::size_t index = 0;
    for (std::size_t place = 0; place < header_.places;) {
      const bool there = is_present(place);
      std::size_t end = present_.empty() ? header_.places : place + 1;
      while (end < header_.places && is_present(end) == there) ++end;
      if (there) {
        append(index, index + (end - place));
        index += end - place;
      } else {
        append_removed(end - place);
      }
      place = end;
    }
    history_->remove(removed_);
    history_->set_capacity(capacity);
    return std::move(*history_);
  }

 private:
  void require_names(const HistorySections& sections, const HistoryGround& ground,
                     SameRows same_rows) const {
    if (sections.brings(kBringsFeatures))
      refuse_damaged("the header has plain bytes bring features");
    if (sections.brings(kBringsIds) == ground.table->has_ids()) {
      if (sections.brings(kBringsIds) || same_rows == SameRows::kYes) return;
      return require_same_table(header_, *ground.table, context_);
    }
    refuse_bytes(
        sections.brings(kBringsIds)
            ? "name items by ids, and this table has none: give it ids"
            : "name items by rows of a table without ids; this one has ids, and tells nothing "
              "of those rows");
  }

  void require_present() const {
    std::size_t count = 0;
    for (std::size_t place = 0; place < present_.size() * 8; ++place) {
      if (!is_present(place)) continue;
      ++count;
      if (place >= header_.places)
        refuse_damaged(Section::kPresent, "has behaviours behind the last");
    }
    if (count != header_.behaviours || !is_present(0)) {
      refuse_damaged(Section::kPresent, "is of " + std::to_string(count) + " behaviours, not " +
                                            std::to_string(header_.behaviours));
    }
  }

  void require_unnamed() const {
    for (std::size_t i = 0; i < unnamed_.size(); ++i) {
      if (unnamed_[i] < ids_.size() && (i == 0 || unnamed_[i] > unnamed_[i - 1])) continue;
      refuse_damaged(Section::kUnnamed,
                     "has index " + std::to_string(unnamed_[i]) + " out of order");
    }
  }

  void require_rows() const {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (rows_[i] >= -1 && rows_[i] < static_cast<std::int64_t>(header_.rows)) continue;
      refuse_damaged(Section::kRows,
                     "has row " + std::to_string(rows_[i]) + " at index " + std::to_string(i));
    }
  }

  bool is_present(std::size_t place) const noexcept {
    return present_.empty() || (present_[place / 8] >> place % 8 & 1) != 0;
  }

  History::Attributes attributes_of(std::size_t begin, std::size_t end) const {
    History::Attributes part;
    if (attributes_.categories)
      part.categories = attributes_.categories->subspan(begin, end - begin);
    if (attributes_.times) part.times = attributes_.times->subspan(begin, end - begin);
    return part;
  }

  void append(std::size_t begin, std::size_t end) {
    const Cancellation cancellation = context_.cancellation;
    if (ids_.empty()) {
      history_->append(rows_.subspan(begin, end - begin), attributes_of(begin, end), cancellation);
      return;
    }
    while (begin < end) {
      const bool unnamed = next_ < unnamed_.size() && unnamed_[next_] == begin;
      std::size_t stop = begin;
      if (unnamed) {
        for (; stop < end && next_ < unnamed_.size() && unnamed_[next_] == stop; ++next_) ++stop;
        history_->append_unnamed(stop - begin, attributes_of(begin, stop));
      } else {
        stop = next_ < unnamed_.size() ? std::min<std::size_t>(end, unnamed_[next_]) : end;
        history_->append_ids(ids_.subspan(begin, stop - begin), attributes_of(begin, stop),
                             cancellation);
      }
      begin = stop;
    }
  }

  void append_removed(std::size_t count) {
    static constexpr std::size_t kAtOnce = 4096;
    static constexpr std::array<std::int64_t, kAtOnce> kNoCategories{};
    static constexpr std::array<double, kAtOnce> kNoTimes{};
    while (count > 0) {
      context_.throw_if_cancelled();
      const std::size_t some = std::min(count, kAtOnce);
      for (std::size_t i = 0; i < some; ++i) {
        removed_.push_back(history_->next_sequence() + static_cast<std::int64_t>(i));
      }
      History::Attributes nothing;
      if (attributes_.categories) nothing.categories = std::span(kNoCategories).first(some);
      if (attributes_.times) nothing.times = std::span(kNoTimes).first(some);
      history_->append_unnamed(some, nothing);
      count -= some;
    }
  }

  const HistoryBytesHeader& header_;
  const CallContext& context_;
  std::span<const std::uint8_t> present_;  // empty: all
  std::span<const std::int64_t> ids_;
  std::span<const std::int32_t> rows_;
  std::span<const std::uint32_t> unnamed_;
  History::Attributes attributes_;
  std::optional<History> history_;
  std::vector<std::int64_t> removed_;
  std::size_t next_ = 0;  // of unnamed_
};

}  // namespace

void HistoryReading::link(const CallContext& context) {
  HistorySections& sections = intake_.sections();
  require_packed_over(sections, ground_, context);
  linked_ = link_packed(sections, ground_, context);
}

History HistoryReading::read(std::optional<std::size_t> capacity, const CallContext& context) {
  HistorySections& sections = intake_.sections();
  const std::size_t kept = capacity.value_or(sections.header().capacity);
  if (sections.header().form == BytesForm::kPlain) {
    return PlainReader(sections, ground_, SameRows::kNo, context).read(kept);
  }
  if (!linked_) link(context);
  linked_->store = store_of_packed(sections, intake_.take_store(), context);
  History history = empty_over(ground_, {});
  history.adopt(std::move(*linked_));
  history.set_capacity(kept);
  return history;
}

History history_onto(const HistoryGround& ground, std::span<const std::byte> plain,
                     const CallContext& context) {
  HistorySections sections(plain);
  return PlainReader(sections, ground, SameRows::kYes, context).read(sections.header().capacity);
}

}  // namespace kleio
