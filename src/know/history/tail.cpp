// SPDX-License-Identifier: Apache-2.0
#include "know/history/tail.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "base/id.hpp"
#include "know/context/name_bytes.hpp"
#include "know/history/chunk.hpp"

namespace bongsu::history {
namespace {

constexpr std::uint64_t kSealEvery = 256;
constexpr std::uint8_t kFormat = 3;  ///< Chunks begin with 1.

bool IsTail(std::string_view bytes) { return !bytes.empty() && static_cast<std::uint8_t>(bytes.front()) == kFormat; }

Change AddOf(const TailSample& sample) {
  Change change;
  change.attribute = sample.attribute;
  change.dataset = sample.dataset;
  change.id = sample.id;
  change.json = sample.json;
  change.deleted = sample.deleted;
  change.at = sample.id.recorded;
  return change;
}

}  // namespace

Sample MakeSample(const TailSample& sample) {
  return MakeSample(sample.id, sample.id.recorded, sample.json, sample.deleted);
}

bool Seals(std::string_view entity, TimePoint recorded) {
  const auto micros = static_cast<std::uint64_t>(ToMicros(recorded));
  const std::string_view bytes{reinterpret_cast<const char*>(&micros), sizeof micros};
  return Hash64Parts({bytes, entity}) % kSealEvery == 0;
}

void SeriesChanges::Add(const TailSample& sample) {
  if (empty()) first_ = sample.id.recorded;
  if (empty() || sample.id.recorded != last_) ++records_;
  ++size_;
  if (!edits_.empty()) {
    last_ = sample.id.recorded;
    edits_.push_back(AddOf(sample));
    return;
  }
  std::int64_t since = ToMicros(sample.id.recorded);
  if (tail_.empty()) {
    tail_ += static_cast<char>(kFormat);
  } else {
    since -= ToMicros(last_);
  }
  last_ = sample.id.recorded;
  PutVarint(tail_, ZigZag(since));
  PutVarint(tail_, (std::uint64_t{sample.id.ordinal} << 1U) | (sample.deleted ? 1U : 0U));
  context::PutName(tail_, sample.attribute);
  PutText(tail_, sample.dataset);
  PutText(tail_, sample.json);
}

void SeriesChanges::Edit(Change change) {
  if (empty()) first_ = change.at;
  if (empty() || change.at != last_) ++records_;
  last_ = change.at;
  ++size_;
  edits_.push_back(std::move(change));
}

Result<void> SeriesChanges::Append(const SeriesChanges& later) {
  seals_ = seals_ || later.seals_;
  if (!later.tail_.empty()) {
    BONGSU_CHECK(ReadTail(later.tail_, [this](const TailSample& sample) { Add(sample); }));
  }
  for (const Change& change : later.edits_) Edit(change);
  return {};
}

Result<std::vector<Change>> SeriesChanges::All() const {
  std::vector<Change> all;
  all.reserve(size_);
  if (!tail_.empty()) {
    BONGSU_CHECK(ReadTail(tail_, all));
  }
  all.insert(all.end(), edits_.begin(), edits_.end());
  return all;
}

Result<void> ReadTail(std::string_view row, const std::function<void(const TailSample&)>& visit) {
  Reader in{row};
  std::string attribute;
  std::uint64_t recorded = 0;
  bool good = IsTail(row) && row.size() > 1;
  (void)in.Byte();
  while (good && !in.AtEnd()) {
    TailSample sample;
    recorded += static_cast<std::uint64_t>(in.Signed());
    const std::uint64_t ordinal = in.Varint();
    context::GetName(in, attribute);
    sample.dataset = in.Text();
    sample.json = in.Text();
    good = in.ok() && ordinal <= 0x1'FFFF'FFFF;
    if (!good) break;
    sample.id = {FromMicros(static_cast<std::int64_t>(recorded)), static_cast<std::uint32_t>(ordinal >> 1U)};
    sample.deleted = (ordinal & 1U) != 0;
    sample.attribute = attribute;
    visit(sample);
  }
  if (!good) return Fail(Code::kCorrupt, "history.bad_chunk", "a tail of history does not decode");
  return {};
}

Result<void> ReadTail(std::string_view row, std::vector<Change>& changes) {
  return ReadTail(row, [&](const TailSample& sample) { changes.push_back(AddOf(sample)); });
}

Result<std::vector<Sample>> DecodeRow(std::string_view bytes) {
  if (!IsTail(bytes)) return DecodeChunk(bytes);
  std::vector<Sample> samples;
  BONGSU_CHECK(ReadTail(bytes, [&](const TailSample& sample) {
    samples.push_back(MakeSample(sample));
  }));
  std::ranges::sort(samples, Before);
  return samples;
}

}  // namespace bongsu::history
