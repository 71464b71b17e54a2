// SPDX-License-Identifier: Apache-2.0
#include "know/history/chunk.hpp"

#include <algorithm>
#include <functional>

#include "base/bytes.hpp"
#include "know/history/integers.hpp"
#include "know/history/values.hpp"

namespace bongsu::history {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kSummed = 1;
constexpr std::uint8_t kPlain = 2;

tl::unexpected<Error> BadChunk() {
  return Fail(Code::kCorrupt, "history.bad_chunk", "a chunk of history does not decode");
}

void PutHead(std::string& out, std::span<const Sample> samples) {
  const bool summed = samples.size() >= kRollupSamples;
  const bool plain = std::ranges::all_of(
      samples, [](const Sample& s) { return s.value_class == ValueClass::kNumber && s.has_observed(); });
  out += static_cast<char>(kFormat);
  PutVarint(out, samples.size());
  out += static_cast<char>((summed ? kSummed : 0U) | (plain ? kPlain : 0U));
  if (!summed) return;
  Rollup rollup;
  for (const Sample& sample : samples) {
    if (sample.value_class == ValueClass::kNumber) rollup.Add(sample.number);
  }
  const auto [from, to] = std::ranges::minmax(samples, {}, [](const Sample& sample) { return sample.id.recorded; });
  const std::int64_t first = ToMicros(samples.front().at());
  PutVarint(out, ZigZag(first));
  PutVarint(out, ZigZag(ToMicros(samples.back().at()) - first));
  PutVarint(out, ZigZag(ToMicros(from.id.recorded) - first));
  PutVarint(out, ZigZag(ToMicros(to.id.recorded) - first));
  PutVarint(out, rollup.count);
  for (const double number : {rollup.min, rollup.max, rollup.sum, rollup.sum_of_squares, rollup.first, rollup.last})
    PutDouble(out, number);
}

Result<Head> GetHead(Reader& in) {
  Head head;
  const std::uint8_t format = in.Byte();
  head.count = in.Varint();
  const std::uint8_t flags = in.Byte();
  if (!in.ok() || format != kFormat || head.count == 0 || head.count > kMaxSamples || flags > 3) return BadChunk();
  head.summed = (flags & kSummed) != 0;
  head.plain = (flags & kPlain) != 0;
  if (!head.summed) return head;
  const auto first = static_cast<std::uint64_t>(in.Signed());
  const auto time = [&] {
    return FromMicros(static_cast<std::int64_t>(first + static_cast<std::uint64_t>(in.Signed())));
  };
  head.first = FromMicros(static_cast<std::int64_t>(first));
  head.last = time();
  head.recorded_from = time();
  head.recorded_to = time();
  head.rollup.count = in.Varint();
  for (double* number : {&head.rollup.min, &head.rollup.max, &head.rollup.sum, &head.rollup.sum_of_squares,
                         &head.rollup.first, &head.rollup.last})
    *number = in.Double();
  if (!in.ok()) return BadChunk();
  return head;
}

using Field = std::int64_t (*)(const Sample&);
// Times after the first are told as distances from it, which are small and regular. Wraps around, as reading does.
constexpr Field kAt = [](const Sample& s) { return ToMicros(s.at()); };
constexpr Field kDelay = [](const Sample& s) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(ToMicros(s.id.recorded)) -
                                   static_cast<std::uint64_t>(ToMicros(s.at())));
};
constexpr Field kDigits = [](const Sample& s) { return std::int64_t{s.observed_digits}; };
constexpr Field kOrdinal = [](const Sample& s) { return std::int64_t{s.id.ordinal}; };
constexpr Field kEdited = [](const Sample& s) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(ToMicros(s.modified)) -
                                   static_cast<std::uint64_t>(ToMicros(s.id.recorded)));
};

TimePoint Sum(std::int64_t a, std::int64_t b) {
  return FromMicros(static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b)));
}

}  // namespace

void Rollup::Add(double number) {
  min = count == 0 ? number : std::min(min, number);
  max = count == 0 ? number : std::max(max, number);
  if (count == 0) first = number;
  last = number;
  sum += number;
  sum_of_squares += number * number;
  ++count;
}

void Rollup::Add(const Rollup& later) {
  if (later.count == 0) return;
  min = count == 0 ? later.min : std::min(min, later.min);
  max = count == 0 ? later.max : std::max(max, later.max);
  if (count == 0) first = later.first;
  last = later.last;
  sum += later.sum;
  sum_of_squares += later.sum_of_squares;
  count += later.count;
}

std::string EncodeChunk(std::span<const Sample> samples) {
  BONGSU_ASSERT(!samples.empty() && samples.size() <= kMaxSamples);
  std::string out;
  PutHead(out, samples);
  std::vector<std::int64_t> column(samples.size());
  for (const Field field : {kAt, kDelay, kDigits, kOrdinal, kEdited}) {
    std::ranges::transform(samples, column.begin(), field);
    PutIntegers(out, column);
  }
  std::vector<std::string_view> shells;
  shells.reserve(samples.size());
  for (const Sample& sample : samples) shells.emplace_back(*sample.shell);
  PutTexts(out, shells);
  PutValues(out, samples);
  return out;
}

Result<std::vector<Sample>> DecodeChunk(std::string_view bytes) {
  Reader in{bytes};
  BONGSU_TRY(const Head head, GetHead(in));
  const auto at = GetIntegers(in, head.count);
  const auto delay = GetIntegers(in, head.count);
  const auto digits = GetIntegers(in, head.count);
  const auto ordinal = GetIntegers(in, head.count);
  const auto edited = GetIntegers(in, head.count);
  const Texts shells = GetTexts(in, head.count);
  if (!in.ok()) return BadChunk();
  std::vector<std::shared_ptr<const std::string>> words;
  words.reserve(shells.words.size());
  for (const auto word : shells.words) words.push_back(std::make_shared<const std::string>(word));
  std::vector<Sample> samples(head.count);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    Sample& sample = samples[i];
    if (digits[i] < 0 || digits[i] > kNotObserved || ordinal[i] < 0 || ordinal[i] > 0xFFFF'FFFF) return BadChunk();
    sample.observed_digits = static_cast<std::uint8_t>(digits[i]);
    if (sample.has_observed()) sample.observed = FromMicros(at[i]);
    sample.id = {Sum(at[i], delay[i]), static_cast<std::uint32_t>(ordinal[i])};
    if (!sample.has_observed() && delay[i] != 0) return BadChunk();
    sample.modified = Sum(ToMicros(sample.id.recorded), edited[i]);
    sample.shell = words[static_cast<std::size_t>(shells.places[i])];
  }
  GetValues(in, samples);
  if (!in.ok() || !in.AtEnd()) return BadChunk();
  return samples;
}

Result<std::optional<Points>> DecodePoints(std::string_view bytes) {
  Reader in{bytes};
  BONGSU_TRY(const Head head, GetHead(in));
  if (!head.plain) return std::nullopt;
  Points points;
  points.at = GetIntegers(in, head.count);
  for (int column = 0; column < 4; ++column) SkipIntegers(in, head.count);  // delay, digits, ordinal, edited
  SkipTexts(in, head.count);
  auto numbers = GetDoubles(in, head.count);
  if (!in.ok()) return BadChunk();
  if (!numbers) return std::nullopt;
  points.numbers = std::move(*numbers);
  return points;
}

Result<Head> DecodeHead(std::string_view bytes) {
  Reader in{bytes};
  return GetHead(in);
}

}  // namespace bongsu::history
