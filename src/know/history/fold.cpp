// SPDX-License-Identifier: Apache-2.0
#include "know/history/fold.hpp"

#include <algorithm>
#include <iterator>
#include <set>

namespace bongsu::history {
namespace {

constexpr std::size_t kSplitAbove = kChunkSamples + kChunkSamples / 2;

RowKey KeyOf(const Sample& first) { return {first.at(), first.id}; }

/// A chunk being changed.
struct Group {
  std::optional<RowKey> was;
  std::vector<Sample> samples;
  bool changed = false;
};

class Rewriter {
 public:
  Result<void> Load(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      BONGSU_TRY(std::vector<Sample> samples, DecodeChunk(row.bytes));
      groups_.push_back({row.key, std::move(samples), false});
    }
    if (groups_.empty()) groups_.emplace_back();
    return {};
  }

  void Apply(std::span<Edit> edits) {
    for (std::size_t i = 0; i < edits.size();) {
      std::size_t end = i + 1;
      if (edits[i].kind == Change::Kind::kPut) {
        while (end < edits.size() && edits[end].kind == Change::Kind::kPut) ++end;
        Put(edits.subspan(i, end - i));
      } else {
        One(edits[i]);
      }
      i = end;
    }
  }

  Rewritten Finish() {
    Rewritten out;
    for (Group& group : groups_) {
      if (!group.changed) continue;
      std::ranges::sort(group.samples, Before);
      std::optional<RowKey> first;
      const std::size_t size = group.samples.size() > kSplitAbove ? kChunkSamples : group.samples.size();
      for (std::size_t at = 0; at < group.samples.size();) {
        const std::size_t left = group.samples.size() - at;
        const std::size_t count = left > kSplitAbove ? size : left;
        const RowKey key = KeyOf(group.samples[at]);
        if (at == 0) first = key;
        out.rows.push_back({key, EncodeChunk(std::span{group.samples}.subspan(at, count))});
        at += count;
      }
      if (group.was && group.was != first) out.gone.push_back(*group.was);
    }
    return out;
  }

 private:
  void Insert(Sample sample) {
    // The last chunk that begins before it; the first one takes what is older than all.
    std::size_t place = groups_.size() - 1;
    const RowKey key = KeyOf(sample);
    while (place > 0 && key < groups_[place].was.value_or(key)) --place;
    groups_[place].samples.push_back(std::move(sample));
    groups_[place].changed = true;
  }

  template <class Wanted>
  void EraseIf(const Wanted& wanted) {
    for (Group& group : groups_) {
      if (std::erase_if(group.samples, wanted) > 0) group.changed = true;
    }
  }

  void Put(std::span<Edit> edits) {
    std::set<TimePoint> times;
    std::vector<Sample*> samples;
    for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit) {  // the last of one time counts
      Sample& sample = edit->sample;
      if (!sample.has_observed() || times.insert(sample.observed).second) samples.push_back(&sample);
    }
    EraseIf([&](const Sample& s) { return s.has_observed() && times.contains(s.observed); });
    for (auto sample = samples.rbegin(); sample != samples.rend(); ++sample) Insert(std::move(**sample));
  }

  void One(Edit& edit) {
    const auto is_it = [&](const Sample& s) { return s.id == edit.id; };
    switch (edit.kind) {
      case Change::Kind::kAdd:
        return Insert(std::move(edit.sample));
      case Change::Kind::kErase:
        return EraseIf(is_it);
      case Change::Kind::kReplace:
        if (std::ranges::none_of(groups_,
                                 [&](const Group& group) { return std::ranges::any_of(group.samples, is_it); }))
          return;
        EraseIf(is_it);
        return Insert(std::move(edit.sample));
      default:
        return EraseIf([](const Sample&) { return true; });
    }
  }

  std::vector<Group> groups_;
};

}  // namespace

Edit::Edit(const Change& change) : kind{change.kind}, id{change.id} {
  if (kind == Change::Kind::kAdd || kind == Change::Kind::kPut || kind == Change::Kind::kReplace)
    sample = MakeSample(change);
}

std::optional<TimePoint> NeededFrom(std::span<const Edit> edits) {
  std::optional<TimePoint> from;
  for (const Edit& edit : edits) {
    if (edit.kind != Change::Kind::kAdd && edit.kind != Change::Kind::kPut) return std::nullopt;
    from = from ? std::min(*from, edit.sample.at()) : edit.sample.at();
  }
  return from;
}

Result<Rewritten> Rewrite(const std::vector<Row>& rows, std::vector<Edit> edits) {
  Rewriter rewriter;
  BONGSU_CHECK(rewriter.Load(rows));
  rewriter.Apply(edits);
  return rewriter.Finish();
}

}  // namespace bongsu::history
