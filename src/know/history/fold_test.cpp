// SPDX-License-Identifier: Apache-2.0
#include "know/history/fold.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "know/history/tail.hpp"

namespace bongsu::history {
namespace {

constexpr std::int64_t kStart = 1'764'000'000'000'000;

Change Make(Change::Kind kind, std::int64_t recorded, std::int64_t observed, int value) {
  Change change;
  change.kind = kind;
  change.attribute = "x:n";
  change.id = {FromMicros(recorded), 0};
  change.at = FromMicros(recorded);
  change.json =
      fmt::format(R"({{"type":"Property","value":{},"observedAt":"{}"}})", value, FormatUtc(FromMicros(observed)));
  return change;
}

/// What the store does with one series, over a map.
class Disk {
 public:
  void Save(const std::vector<Change>& changes, bool seal) {
    SeriesChanges save;
    for (const auto& change : changes) {
      if (change.kind == Change::Kind::kAdd) {
        save.Add({change.id, change.deleted, change.attribute, change.dataset, change.json});
      } else {
        save.Edit(change);
      }
    }
    if (!seal) {
      tails_.push_back(save.tail());
      return;
    }
    std::vector<Change> all;
    for (const auto& row : std::exchange(tails_, {})) ASSERT_TRUE(ReadTail(row, all));
    auto fresh = save.All().value();
    std::ranges::move(fresh, std::back_inserter(all));
    std::vector<Row> chunks;
    chunks.reserve(chunks_.size());
    for (const auto& [key, bytes] : chunks_) chunks.push_back({key, bytes});
    const auto rewritten = Rewrite(chunks, {all.begin(), all.end()}).value();
    for (const auto& key : rewritten.gone) chunks_.erase(key);
    for (const auto& row : rewritten.rows) chunks_[row.key] = row.bytes;
  }
  const std::map<RowKey, std::string>& chunks() const { return chunks_; }

  std::vector<Sample> All() const {
    std::vector<Sample> samples;
    for (const auto& [key, bytes] : chunks_) {
      auto chunk = DecodeRow(bytes).value();
      EXPECT_EQ(key, (RowKey{chunk.front().at(), chunk.front().id}));
      EXPECT_TRUE(samples.empty() || Before(samples.back(), chunk.front()));
      EXPECT_TRUE(std::ranges::is_sorted(chunk, Before));
      std::ranges::move(chunk, std::back_inserter(samples));
    }
    for (const auto& row : tails_) {
      auto tail = DecodeRow(row).value();
      std::ranges::move(tail, std::back_inserter(samples));
    }
    std::ranges::sort(samples, Before);
    return samples;
  }

 private:
  std::map<RowKey, std::string> chunks_;
  std::vector<std::string> tails_;
};

TEST(Tail, SaysWhatWasAddedAndIsReadOneAttributeAfterAnother) {
  SeriesChanges changes;
  EXPECT_TRUE(changes.empty());
  const std::string own = std::string(model::kDefaultVocab) + "n";
  changes.Add({{FromMicros(kStart), 0}, false, own, "", R"({"type":"Property","value":1})"});
  changes.Add({{FromMicros(kStart), 1}, true, "x:m", "urn:d:1", R"({"type":"Property"})"});
  changes.Add({{FromMicros(kStart + 5), 0}, false, "https://uri.etsi.org/ngsi-ld/n", "", "{}"});

  const auto all = changes.All().value();

  EXPECT_EQ(changes.first(), FromMicros(kStart));
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].attribute, own);
  EXPECT_EQ(all[1].attribute, "x:m");
  EXPECT_EQ(all[1].dataset, "urn:d:1");
  EXPECT_TRUE(all[1].deleted);
  EXPECT_EQ(all[1].id, (InstanceId{FromMicros(kStart), 1}));
  EXPECT_EQ(all[2].attribute, "https://uri.etsi.org/ngsi-ld/n");
  EXPECT_EQ(all[2].at, FromMicros(kStart + 5));
  for (std::size_t size = 0; size < changes.tail().size(); ++size)
    (void)DecodeRow(std::string_view{changes.tail()}.substr(0, size));
}

TEST(Tail, WhatWasNotWrittenComesBeforeWhatCameSince) {
  SeriesChanges first;
  SeriesChanges later;
  const Change put = Make(Change::Kind::kPut, kStart + 2, kStart, 2);
  first.Add({{FromMicros(kStart + 1), 0}, false, "x:n", "", "1"});
  later.Edit(put);
  later.Add({{FromMicros(kStart + 3), 0}, false, "x:n", "", "3"});

  ASSERT_TRUE(first.Append(later));

  EXPECT_EQ(first.size(), 3U);
  EXPECT_FALSE(first.OnlyTail());
  const auto all = first.All().value();
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].json, "1");
  EXPECT_EQ(all[1].json, put.json);
  EXPECT_EQ(all[2].json, "3");
}

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
    ASSERT_EQ(disk.All(), list) << round;
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
  EXPECT_EQ(disk.All().size(), 20'000U);
  EXPECT_LE(disk.chunks().size(), 20U);
}

TEST(Fold, ManySamplesOfOneTimeAreKeptApart) {
  Disk disk;
  for (int i = 0; i < 60; ++i) {
    std::vector<Change> changes;
    changes.reserve(100);
    for (int k = 0; k < 100; ++k) changes.push_back(Make(Change::Kind::kAdd, kStart + i * 100LL + k, kStart, k));
    disk.Save(changes, true);
  }
  EXPECT_EQ(disk.All().size(), 6'000U);
}

TEST(Fold, ClearingLeavesNothing) {
  Disk disk;
  disk.Save({Make(Change::Kind::kAdd, kStart, kStart, 1), Make(Change::Kind::kAdd, kStart + 1, kStart, 2)}, true);
  disk.Save({Make(Change::Kind::kClear, kStart + 2, 0, 0)}, true);
  EXPECT_TRUE(disk.chunks().empty());
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
