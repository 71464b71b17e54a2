// SPDX-License-Identifier: Apache-2.0
#include "know/history/fold.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

namespace bongsu::history {
namespace {

constexpr std::int64_t kStart = 1'764'000'000'000'000;
const SeriesKey kKey{1, 0, "urn:a:1", "x:n", ""};

Change Make(Change::Kind kind, std::int64_t recorded, std::int64_t observed, int value) {
  Change change;
  change.kind = kind;
  change.key = kKey;
  change.id = {FromMicros(recorded), 0};
  change.at = FromMicros(recorded);
  change.json =
      fmt::format(R"({{"type":"Property","value":{},"observedAt":"{}"}})", value, FormatUtc(FromMicros(observed)));
  return change;
}

std::vector<Sample> All(const std::map<RowKey, std::string>& rows) {
  std::vector<Sample> samples;
  for (const auto& [key, bytes] : rows) {
    auto chunk = DecodeRow(bytes).value();
    if (key.kind == RowKind::kChunk) {
      EXPECT_EQ(key, (RowKey{RowKind::kChunk, chunk.front().at(), chunk.front().id}));
      EXPECT_TRUE(samples.empty() || Before(samples.back(), chunk.front()));
      EXPECT_TRUE(std::ranges::is_sorted(chunk, Before));
    }
    std::ranges::move(chunk, std::back_inserter(samples));
  }
  std::ranges::sort(samples, Before);
  return samples;
}

/// What the store does, over a map.
class Disk {
 public:
  void Save(const std::vector<Change>& changes, bool seal) {
    std::vector<const Change*> pointers;
    for (const auto& change : changes) pointers.push_back(&change);
    if (!seal) {
      const Row row = TailOf(pointers);
      rows_[row.key] = row.bytes;
      return;
    }
    std::vector<Row> all;
    for (const auto& [key, bytes] : rows_) all.push_back({key, bytes});
    const auto rewritten = Rewrite(std::move(all), pointers).value();
    for (const auto& key : rewritten.gone) rows_.erase(key);
    for (const auto& row : rewritten.rows) rows_[row.key] = row.bytes;
  }
  const std::map<RowKey, std::string>& rows() const { return rows_; }

 private:
  std::map<RowKey, std::string> rows_;
};

TEST(Fold, RandomChangesGiveWhatASimpleListGives) {
  std::mt19937_64 random{23};
  for (int round = 0; round < 12; ++round) {
    Disk disk;
    std::vector<Sample> list;
    std::int64_t now = kStart;
    for (int step = 0; step < 400; ++step) {
      std::vector<Change> changes;
      const auto kind = static_cast<Change::Kind>(random() % 20 < 15 ? 0 : random() % 4);
      const std::size_t count = random() % 12 + 1;
      for (std::size_t i = 0; i < count; ++i) {
        now += static_cast<std::int64_t>(random() % 2'000'000) + 1;
        const std::int64_t late = random() % 10 == 0 ? static_cast<std::int64_t>(random() % 1'000'000'000) : 0;
        Change change = Make(kind, now, (now - late) / 1'000'000 * 1'000'000, static_cast<int>(random() % 1000));
        if ((kind == Change::Kind::kErase || kind == Change::Kind::kReplace) && !list.empty())
          change.id = list[random() % list.size()].id;
        changes.push_back(change);
        const auto there = [&](const Sample& s) { return s.id == change.id; };
        const Sample sample = MakeSample(change);
        if (kind == Change::Kind::kPut)
          std::erase_if(list, [&](const Sample& s) { return s.observed == sample.observed; });
        const bool known = std::erase_if(list, there) > 0;
        if (kind == Change::Kind::kAdd || kind == Change::Kind::kPut || (kind == Change::Kind::kReplace && known))
          list.push_back(sample);
      }
      disk.Save(changes, kind != Change::Kind::kAdd || random() % 6 == 0);
    }
    std::ranges::sort(list, Before);
    ASSERT_EQ(All(disk.rows()), list) << round;
  }
}

TEST(Fold, GrowingSeriesFillTheirChunks) {
  Disk disk;
  for (int i = 0; i < 20'000; i += 100) {
    std::vector<Change> changes;
    for (int k = i; k < i + 100; ++k)
      changes.push_back(Make(Change::Kind::kAdd, kStart + k * 60'000'000LL + 1, kStart + k * 60'000'000LL, k));
    disk.Save(changes, true);
  }
  EXPECT_EQ(All(disk.rows()).size(), 20'000U);
  EXPECT_LE(disk.rows().size(), 20U);
}

TEST(Fold, ManySamplesOfOneTimeAreKeptApart) {
  Disk disk;
  for (int i = 0; i < 60; ++i) {
    std::vector<Change> changes;
    for (int k = 0; k < 100; ++k) changes.push_back(Make(Change::Kind::kAdd, kStart + i * 100 + k, kStart, k));
    disk.Save(changes, true);
  }
  EXPECT_EQ(All(disk.rows()).size(), 6'000U);
}

TEST(Fold, ClearingLeavesNothing) {
  Disk disk;
  disk.Save({Make(Change::Kind::kAdd, kStart, kStart, 1), Make(Change::Kind::kAdd, kStart + 1, kStart, 2)}, true);
  disk.Save({Make(Change::Kind::kClear, kStart + 2, 0, 0)}, true);
  EXPECT_TRUE(disk.rows().empty());
}

TEST(Fold, TimesAndNumbersOfAnInstanceComeBackAsWritten) {
  for (const char* text : {"2026-11-22T10:00:00Z", "2026-11-22T10:00:00.5Z", "2026-11-22T10:00:00.500Z",
                           "2026-11-22T10:00:00.000Z", "1969-12-31T23:59:59.25Z", "2026-11-22T10:00:00.123456Z"}) {
    Change change = Make(Change::Kind::kAdd, kStart, kStart, 1);
    change.json = fmt::format(R"({{"type":"Property","value":2.5,"observedAt":"{}"}})", text);
    const Sample sample = MakeSample(change);
    EXPECT_EQ(FormatObserved(sample.observed, sample.observed_digits), text);
    EXPECT_EQ(*sample.shell, R"({"type":"Property"})");
    EXPECT_EQ(sample.text, "2.5");
  }
  const InstanceId id{FromMicros(kStart), 4};
  EXPECT_EQ(InstanceFromUrn(InstanceUrn(3, id)), id);
  EXPECT_FALSE(InstanceFromUrn("urn:ngsi-ld:Instance:3:x:4"));
}

}  // namespace
}  // namespace bongsu::history
