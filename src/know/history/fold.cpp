// SPDX-License-Identifier: Apache-2.0
#include "know/history/fold.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/id.hpp"
#include "know/history/bytes.hpp"

namespace bongsu::history {
namespace {

constexpr std::uint64_t kSealEvery = 256;
constexpr std::uint8_t kTailFormat = 2;  ///< Chunks begin with 1.
constexpr std::size_t kSplitAbove = kChunkSamples + kChunkSamples / 2;

RowKey KeyOf(const Sample& first) { return {RowKind::kChunk, first.at(), first.id}; }

/// A chunk being changed.
struct Group {
  std::optional<RowKey> was;
  std::vector<Sample> samples;
  bool changed = false;
};

class Rewriter {
 public:
  Result<void> Load(std::vector<Row> rows) {
    std::vector<Sample> tail;
    for (Row& row : rows) {
      std::vector<Sample> samples = std::move(row.samples);
      if (samples.empty()) {
        BONGSU_TRY(samples, DecodeRow(row.bytes));
      }
      if (row.key.kind == RowKind::kChunk) {
        groups_.push_back({row.key, std::move(samples), false});
      } else {
        gone_.push_back(row.key);
        std::ranges::move(samples, std::back_inserter(tail));
      }
    }
    if (groups_.empty()) groups_.emplace_back();
    for (Sample& sample : tail) Insert(std::move(sample));
    return {};
  }

  void Apply(std::span<const Change* const> changes) {
    for (std::size_t i = 0; i < changes.size();) {
      std::size_t end = i + 1;
      if (changes[i]->kind == Change::Kind::kPut) {
        while (end < changes.size() && changes[end]->kind == Change::Kind::kPut) ++end;
        Put(changes.subspan(i, end - i));
      } else {
        One(*changes[i]);
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
    std::ranges::move(gone_, std::back_inserter(out.gone));
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

  void Put(std::span<const Change* const> changes) {
    std::set<TimePoint> times;
    std::vector<Sample> samples;
    for (auto change = changes.rbegin(); change != changes.rend(); ++change) {  // the last of one time counts
      Sample sample = MakeSample(**change);
      if (sample.has_observed() && !times.insert(sample.observed).second) continue;
      samples.push_back(std::move(sample));
    }
    EraseIf([&](const Sample& s) { return s.has_observed() && times.contains(s.observed); });
    for (auto sample = samples.rbegin(); sample != samples.rend(); ++sample) Insert(std::move(*sample));
  }

  void One(const Change& change) {
    switch (change.kind) {
      case Change::Kind::kAdd:
        return Insert(MakeSample(change));
      case Change::Kind::kErase:
        return EraseIf([&](const Sample& s) { return s.id == change.id; });
      case Change::Kind::kReplace:
        return Replace(change);
      default:
        return EraseIf([](const Sample&) { return true; });
    }
  }

  void Replace(const Change& change) {
    Sample fresh = MakeSample(change);
    for (const Group& group : groups_) {
      if (std::ranges::none_of(group.samples, [&](const Sample& s) { return s.id == change.id; })) continue;
      EraseIf([&](const Sample& s) { return s.id == change.id; });
      return Insert(std::move(fresh));
    }
  }

  std::vector<Group> groups_;
  std::vector<RowKey> gone_;
};

}  // namespace

bool Seals(const SeriesKey& key, const InstanceId& id) {
  const auto micros = static_cast<std::uint64_t>(ToMicros(id.recorded));
  const std::string_view bytes{reinterpret_cast<const char*>(&micros), sizeof micros};
  return Hash64Parts({bytes, key.id, key.attribute}) % kSealEvery == 0;
}

Row TailOf(std::span<const Change* const> changes) {
  const InstanceId& first = changes.front()->id;
  Row row{{RowKind::kTail, first.recorded, first}, {}};
  std::string& out = row.bytes;
  out += static_cast<char>(kTailFormat);
  PutVarint(out, changes.size());
  std::int64_t last = 0;
  for (const Change* change : changes) {
    const std::int64_t recorded = ToMicros(change->id.recorded);
    PutVarint(out, ZigZag(recorded - last));
    last = recorded;
    PutVarint(out, change->id.ordinal);
    out += static_cast<char>(change->deleted);
    PutText(out, change->json);
  }
  return row;
}

Result<std::vector<Sample>> DecodeRow(std::string_view bytes) {
  if (bytes.empty() || static_cast<std::uint8_t>(bytes.front()) != kTailFormat) return DecodeChunk(bytes);
  Reader in{bytes.substr(1)};
  std::vector<Sample> samples;
  std::uint64_t recorded = 0;
  bool good = true;
  for (std::uint64_t left = in.Varint(); left > 0 && in.ok(); --left) {
    recorded += static_cast<std::uint64_t>(in.Signed());
    const std::uint64_t ordinal = in.Varint();
    const std::uint8_t deleted = in.Byte();
    const std::string_view json = in.Text();
    good = good && in.ok() && deleted <= 1 && ordinal <= 0xFFFF'FFFF && samples.size() < kMaxSamples;
    if (!good) break;
    const TimePoint at = FromMicros(static_cast<std::int64_t>(recorded));
    samples.push_back(MakeSample({at, static_cast<std::uint32_t>(ordinal)}, at, json, deleted == 1));
  }
  if (!good || !in.ok() || !in.AtEnd() || samples.empty())
    return Fail(Code::kCorrupt, "history.bad_chunk", "a tail of history does not decode");
  std::ranges::sort(samples, Before);
  return samples;
}

std::optional<TimePoint> NeededFrom(std::span<const Change* const> changes) {
  std::optional<TimePoint> from;
  for (const Change* change : changes) {
    if (change->kind != Change::Kind::kAdd && change->kind != Change::Kind::kPut) return std::nullopt;
    const TimePoint at = MakeSample(*change).at();
    from = from ? std::min(*from, at) : at;
  }
  return from;
}

Result<Rewritten> Rewrite(std::vector<Row> rows, std::span<const Change* const> changes) {
  Rewriter rewriter;
  BONGSU_CHECK(rewriter.Load(std::move(rows)));
  rewriter.Apply(changes);
  return rewriter.Finish();
}

}  // namespace bongsu::history
