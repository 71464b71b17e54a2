// SPDX-License-Identifier: Apache-2.0
#include "know/history/chunk.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <random>

#include "base/json.hpp"
#include "know/history/integers.hpp"
#include "know/history/number.hpp"

namespace bongsu::history {
namespace {

const auto kShell = std::make_shared<const std::string>(R"({"type":"Property","unitCode":"CEL"})");
constexpr std::int64_t kStart = 1'764'000'000'000'000;

Sample Make(std::int64_t at, std::string text, std::int64_t delay = 0) {
  Sample sample;
  sample.id = {FromMicros(at + delay), 0};
  sample.modified = sample.id.recorded;
  sample.observed = FromMicros(at);
  sample.observed_digits = 0;
  sample.text = std::move(text);
  if (const auto number = NumberIn(sample.text)) {
    sample.value_class = ValueClass::kNumber;
    sample.number = *number;
  }
  sample.shell = kShell;
  return sample;
}

void ExpectSame(const std::vector<Sample>& samples) {
  const std::string bytes = EncodeChunk(samples);
  const auto again = DecodeChunk(bytes);
  ASSERT_TRUE(again);
  ASSERT_EQ(again->size(), samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    ASSERT_EQ((*again)[i].text, samples[i].text) << i;
    ASSERT_EQ((*again)[i].value_class, samples[i].value_class);
    if ((*again)[i].value_class == ValueClass::kNumber) {
      ASSERT_EQ(std::bit_cast<std::uint64_t>((*again)[i].number), std::bit_cast<std::uint64_t>(samples[i].number))
          << samples[i].text;
    }
    ASSERT_EQ((*again)[i].id, samples[i].id);
    ASSERT_EQ((*again)[i].at(), samples[i].at());
    ASSERT_EQ((*again)[i].modified, samples[i].modified);
    ASSERT_EQ((*again)[i].observed_digits, samples[i].observed_digits);
    ASSERT_EQ(*(*again)[i].shell, *samples[i].shell);
  }
  const auto points = DecodePoints(bytes);
  ASSERT_TRUE(points);
  for (std::size_t i = 0; *points && i < samples.size(); ++i) {
    ASSERT_EQ((*points)->at[i], ToMicros(samples[i].at()));
    ASSERT_EQ((*points)->numbers[i], samples[i].number);
  }
}

TEST(Chunk, NumbersComeBackAsTheyWereWritten) {
  std::vector<Sample> samples;
  for (const char* text : {"0",
                           "-0",
                           "1",
                           "-1",
                           "21.5",
                           "21.50",
                           "1e5",
                           "1E5",
                           "1.0",
                           "-0.0",
                           "0.1",
                           "1e-7",
                           "1e-07",
                           "123456789012345678",
                           "9223372036854775807",
                           "-9223372036854775808",
                           "18446744073709551615",
                           "1e+22",
                           "1e22",
                           "0.30000000000000004",
                           "5e-324",
                           "1.7976931348623157e+308",
                           "9007199254740993",
                           "9007199254740993.5",
                           "0.000001",
                           "-0.5",
                           "123456789012345678901234567890",
                           "3.141592653589793238",
                           "true",
                           "null",
                           "\"21.5\""}) {
    samples.push_back(Make(kStart + static_cast<std::int64_t>(samples.size()), text));
    ExpectSame({samples.back()});
  }
  ExpectSame(samples);
}

TEST(Chunk, AnyWholeNumbersComeBack) {
  std::mt19937_64 random{7};
  for (int round = 0; round < 300; ++round) {
    std::vector<std::int64_t> numbers(random() % 200 + 1);
    const unsigned bits = random() % 64 + 1;
    const std::int64_t unit = random() % 3 == 0 ? static_cast<std::int64_t>(random() % 1'000'000) : 1;
    std::int64_t last = static_cast<std::int64_t>(random());
    for (auto& number : numbers) {
      const auto step = static_cast<std::uint64_t>(random() >> (64 - bits)) * static_cast<std::uint64_t>(unit);
      last = static_cast<std::int64_t>(random() % 2 == 0 ? static_cast<std::uint64_t>(last) + step
                                                         : static_cast<std::uint64_t>(last) - step);
      number = last;
    }
    if (round % 7 == 0) numbers.back() = std::numeric_limits<std::int64_t>::min();
    if (round % 11 == 0) numbers.front() = std::numeric_limits<std::int64_t>::max();
    std::string bytes;
    PutIntegers(bytes, numbers);
    Reader in{bytes};
    ASSERT_EQ(GetIntegers(in, numbers.size()), numbers) << round;
    ASSERT_TRUE(in.ok() && in.AtEnd());
  }
}

std::string RandomText(std::mt19937_64& random, int taste) {
  std::string text;
  const auto put = [&](double number) { json::AppendNumber(text, number); };
  switch (taste) {
    case 0:
      put(std::bit_cast<double>(random()));
      break;
    case 1:
      put(static_cast<double>(static_cast<std::int64_t>(random() % 2000) - 1000) / 10);
      break;
    case 2:
      text = std::to_string(static_cast<std::int64_t>(random()));
      break;
    case 3:
      text = std::to_string(random() % 100) + "." + std::to_string(random() % 100'000);
      break;
    case 4:
      put(std::sin(static_cast<double>(random() % 1000)));
      break;
    case 5:
      text = random() % 2 == 0 ? "true" : "false";
      break;
    case 6:
      text = "\"state " + std::to_string(random() % 5) + "\"";
      break;
    default:
      text = R"({"a":[1,2.50,")" + std::to_string(random()) + "\"]}";
  }
  return text;
}

TEST(Chunk, RandomSeriesComeBackToTheBit) {
  std::mt19937_64 random{11};
  for (int round = 0; round < 400; ++round) {
    std::vector<Sample> samples;
    std::int64_t at = kStart + static_cast<std::int64_t>(random() % 1'000'000'000);
    const std::size_t count = random() % (round % 10 == 0 ? 1500 : 120) + 1;
    const bool mixed = random() % 3 == 0;
    const int taste = static_cast<int>(random() % 8);
    for (std::size_t i = 0; i < count; ++i) {
      at += random() % 20 == 0 ? static_cast<std::int64_t>(random() % 100'000'000'000) : 60'000'000;
      Sample sample = Make(at, RandomText(random, mixed ? static_cast<int>(random() % 8) : taste),
                           static_cast<std::int64_t>(random() % 3'000'000));
      sample.id.ordinal = static_cast<std::uint32_t>(random() % 3);
      if (random() % 30 == 0)
        sample.modified = sample.id.recorded + Duration{static_cast<std::int64_t>(random() >> 20U)};
      if (random() % 40 == 0) sample.observed_digits = static_cast<std::uint8_t>(random() % 7);
      if (random() % 40 == 0) {
        sample.observed_digits = kNotObserved;
        sample.id.recorded = FromMicros(at);
        sample.modified = sample.id.recorded;
      }
      if (random() % 50 == 0) {
        sample.value_class = ValueClass::kDeleted;
        sample.text.clear();
      }
      if (random() % 60 == 0) sample.shell = std::make_shared<const std::string>("{\"n\":" + std::to_string(i) + "}");
      samples.push_back(std::move(sample));
    }
    ExpectSame(samples);
  }
}

TEST(Chunk, TheHeadSumsTheNumbers) {
  std::vector<Sample> samples;
  for (int i = 0; i < 100; ++i) samples.push_back(Make(kStart + i * 60'000'000LL, std::to_string(i - 20), 1500));

  const auto head = DecodeHead(EncodeChunk(samples));

  ASSERT_TRUE(DecodePoints(EncodeChunk(samples)).value());
  ASSERT_TRUE(head);
  EXPECT_TRUE(head->summed && head->plain);
  EXPECT_EQ(head->count, 100U);
  EXPECT_EQ(head->first, FromMicros(kStart));
  EXPECT_EQ(head->last, FromMicros(kStart + 99 * 60'000'000LL));
  EXPECT_EQ(head->recorded_from, FromMicros(kStart + 1500));
  EXPECT_EQ(head->rollup.count, 100U);
  EXPECT_EQ(head->rollup.min, -20);
  EXPECT_EQ(head->rollup.max, 79);
  EXPECT_EQ(head->rollup.sum, 2950);
  EXPECT_EQ(head->rollup.first, -20);
  EXPECT_EQ(head->rollup.last, 79);
}

TEST(Chunk, ASensorOnceAMinuteTakesLessThanFourBytesASample) {
  std::mt19937_64 random{3};
  std::vector<Sample> samples;
  double value = 20;
  for (int i = 0; i < 1024; ++i) {
    value += static_cast<double>(static_cast<int>(random() % 7) - 3) / 10;
    std::string text;
    json::AppendNumber(text, std::round(value * 10) / 10);
    samples.push_back(Make(kStart + i * 60'000'000LL, text, 20'000 + static_cast<std::int64_t>(random() % 180'000)));
  }

  const std::string bytes = EncodeChunk(samples);

  EXPECT_LT(static_cast<double>(bytes.size()) / 1024, 4.0);
  RecordProperty("bytes", static_cast<int>(bytes.size()));
}

TEST(Chunk, DamagedBytesAreRefusedOrDecodeToSomething) {
  std::vector<Sample> samples;
  for (int i = 0; i < 100; ++i) samples.push_back(Make(kStart + i * 60'000'000LL, std::to_string(i % 9) + ".5", i));
  const std::string good = EncodeChunk(samples);
  std::mt19937_64 random{5};
  for (int round = 0; round < 3000; ++round) {
    std::string bad = good;
    bad[random() % bad.size()] = static_cast<char>(random());
    if (round % 3 == 0) bad.resize(random() % bad.size());
    const auto read = DecodeChunk(bad);
    if (read) {
      EXPECT_LE(read->size(), kMaxSamples);
    }
  }
  EXPECT_FALSE(DecodeChunk(""));
  EXPECT_FALSE(DecodeChunk(good + "x"));
}

}  // namespace
}  // namespace bongsu::history
