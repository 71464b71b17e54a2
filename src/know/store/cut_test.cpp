// SPDX-License-Identifier: Apache-2.0
// The past that begins later, and the state of an earlier layout under a journal that has begun later.
#include <rocksdb/db.h>

#include <random>

#include "know/journal/unreadable_journal_fake.hpp"
#include "know/store/store_fake.hpp"

namespace bongsu::store {
namespace {

class CutTest : public StoreTest {
 protected:
  CutTest() : copy_{folder_ + ".copy"} {}
  ~CutTest() override { std::filesystem::remove_all(copy_); }

  /// As the keeper does it.
  Result<void> Cut(Running& running, TimePoint at) {
    for (std::uint16_t partition = 0; partition < journal_.partitions(); ++partition) {
      const auto last = LastBefore(partition, at);
      if (!last) continue;
      std::promise<Result<void>> done;
      running.live.CutHistory(partition, *last, [&](const Result<void>& cut) { done.set_value(cut); });
      BONGSU_CHECK(done.get_future().get());
      BONGSU_CHECK(journal_.Trim(partition, last->seq + 1));
    }
    return {};
  }
  std::optional<HistoryCut> LastBefore(std::uint16_t partition, TimePoint at) const {
    std::optional<HistoryCut> last;
    (void)journal_.Read(partition, 1, [&](const model::Record& record) {
      if (record.ingest_time < at && record.position.seq < journal_.RangeOf(partition).last_seq)
        last = HistoryCut{record.position.seq, record.ingest_time, false};
      return true;
    });
    return last;
  }

  static std::uintmax_t SizeOf(const std::string& folder) {
    std::uintmax_t bytes = 0;
    std::error_code error;
    for (const auto& file : std::filesystem::directory_iterator(folder, error)) {
      if (file.path().extension() == ".sst") bytes += file.file_size(error);
    }
    return bytes;
  }

  /// The bytes of an entity as layout 3 had them: format 2, without the time of the scopes.
  static std::string Format2(std::string_view bytes) {
    context::Names names;
    context::Entity entity = context::Decode(bytes, names).value();
    entity.scoped = {};
    std::string old = context::Encode(entity);
    entity.scoped = FromMicros(1);
    const std::string other = context::Encode(entity);
    const auto place = std::ranges::mismatch(old, other).in1;
    old.erase(place);
    old[0] = 2;
    return old;
  }

  /// Makes of the state in `folder` what a version with layout 3 would have left.
  static void ToLayout3(const std::string& folder) {
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const auto* name : {"default", "entities", "history", "series", "tails", "evolutions"})
      families.emplace_back(name, rocksdb::ColumnFamilyOptions{});
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, folder, families, &handles, &opened).ok());
    const std::unique_ptr<rocksdb::DB> db{opened};
    const auto each = [&](std::size_t family, const auto& change) {
      const std::unique_ptr<rocksdb::Iterator> rows{db->NewIterator({}, handles[family])};
      for (rows->SeekToFirst(); rows->Valid(); rows->Next()) change(rows->key().ToString(), rows->value().ToString());
    };
    each(1, [&](const std::string& key, const std::string& value) {
      ASSERT_TRUE(db->Put({}, handles[1], key, value.substr(0, 1) + Format2(value.substr(1))).ok());
    });
    each(2, [&](const std::string& key, const std::string& value) {
      if (value.size() < 2) return;
      ASSERT_TRUE(db->Put({}, handles[2], key, value.substr(0, 1) + Format2(value.substr(1))).ok());
    });
    each(3, [&](const std::string& key, const std::string&) {
      if (key.find(std::string_view{"\0scope\0", 7}) != std::string::npos)
        ASSERT_TRUE(db->Delete({}, handles[3], key).ok());
    });
    each(4, [&](const std::string& key, const std::string& value) {
      history::SeriesChanges rest;
      const auto read = history::ReadTail(value, [&](const history::TailSample& sample) {
        if (sample.attribute != history::kScope) rest.Add(sample);
      });
      if (read) ASSERT_TRUE(db->Put({}, handles[4], key, rest.tail()).ok());
    });
    each(5, [&](const std::string& key, const std::string& value) {
      ASSERT_TRUE(db->Put({}, handles[5], key, R"({"scope":["/a"],)" + value.substr(1)).ok());
    });
    ASSERT_TRUE(db->Put({}, handles[0], "layout", "3").ok());
    for (auto* handle : handles) db->DestroyColumnFamilyHandle(handle);
    ASSERT_TRUE(db->Close().ok());
  }

  std::string copy_;
};

TEST_F(CutTest, ThePastIsKnownFromTheCutOnAndNotBefore) {
  Running running{*this, 2};
  ASSERT_TRUE(running.Start());
  std::vector<TimePoint> times;
  times.reserve(6000);
  for (int n = 0; n < 60; ++n)
    times.push_back(Change(PatchOp::kUpsert, fmt::format("urn:a:{}", n % 3), Body(n), &running));
  running.Flush();

  ASSERT_TRUE(Cut(running, times.at(40)));

  EXPECT_EQ(ValueAsOf(running, "urn:a:0", times.at(10)), -2);
  for (int n = 45; n < 60; ++n)
    EXPECT_EQ(ValueAsOf(running, fmt::format("urn:a:{}", n % 3), times.at(static_cast<std::size_t>(n))), n);
  const auto early = EntityAsOf(*running.state, journal_, {model::PartitionOf(0, "urn:a:0", 4), 0, "urn:a:0"},
                                now_ - std::chrono::hours{1});
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().reason, "history.trimmed");
  EXPECT_NE(early.error().message.find('T'), std::string::npos);  // names the time
}

TEST_F(CutTest, ARecordThatCannotBeReadStopsACutAndNothingIsLost) {
  Running running{*this, 1};
  ASSERT_TRUE(running.Start());
  std::vector<TimePoint> times;
  times.reserve(10);
  for (int n = 0; n < 10; ++n) times.push_back(Change(PatchOp::kUpsert, "urn:a:0", Body(n), &running));
  running.Flush();
  const std::uint16_t partition = model::PartitionOf(0, "urn:a:0", journal_.partitions());
  const auto cut = LastBefore(partition, times.at(3)).value();  // of change 2, whose whole copy has to be made
  ASSERT_TRUE(running.state->SetCut(partition, cut));
  const journal::UnreadableJournal damaged{journal_, [&](model::Position at) { return at.seq == cut.seq; }};

  const auto dropped = running.state->DropBeforeCut(partition, {}, 100, WholeCopyFrom(damaged));

  ASSERT_FALSE(dropped);
  EXPECT_EQ(dropped.error().reason, "journal.bad_record");
  const auto past = EntityAsOf(*running.state, damaged, {partition, 0, "urn:a:0"}, times.at(2));
  ASSERT_FALSE(past);
  EXPECT_EQ(past.error().reason, "journal.bad_record") << "it is not said to have left";
  ASSERT_TRUE(running.state->DropBeforeCut(partition, {}, 100, WholeCopyFrom(journal_)));
  for (int n = 2; n < 10; ++n) EXPECT_EQ(ValueAsOf(running, "urn:a:0", times.at(static_cast<std::size_t>(n))), n);
}

TEST_F(CutTest, WhatIsGoneGivesItsRoomBack) {
  Running running{*this, 1};
  ASSERT_TRUE(running.Start());
  std::mt19937_64 random{7};
  std::vector<TimePoint> times;
  times.reserve(6000);
  for (int n = 0; n < 6000; ++n) {
    std::string text;
    for (int i = 0; i < 40; ++i) text += fmt::format("{:016x}", random());  // nothing a compressor could make small
    const std::string body = fmt::format(R"({{"type":"x:T","x:n":{{"type":"Property","value":"{}"}}}})", text);
    times.push_back(Change(PatchOp::kUpsert, fmt::format("urn:a:{}", n % 20), body, &running));
    if (n % 50 == 49) running.Flush();
  }
  running.Flush();
  ASSERT_TRUE(running.state->CopyTo(copy_));  // everything is in files
  const auto before = SizeOf(copy_);
  std::filesystem::remove_all(copy_);

  ASSERT_TRUE(Cut(running, times.at(5400)));

  for (std::uint16_t partition = 0; partition < journal_.partitions(); ++partition)
    ASSERT_TRUE(running.state->GiveRoomBack(partition));
  ASSERT_TRUE(running.state->CopyTo(copy_));
  const auto after = SizeOf(copy_);

  EXPECT_LE(after, before / 4) << before;
  RecordProperty("bytes_before", std::to_string(before));
  RecordProperty("bytes_after", std::to_string(after));
}

TEST_F(CutTest, AStateOfLayout3IsCarriedOverUnderAJournalThatBeginsLater) {
  std::vector<TimePoint> times;
  times.reserve(6000);
  std::string hash;
  {
    Running running{*this, 2};
    ASSERT_TRUE(running.Start());
    for (int n = 0; n < 90; ++n) {
      const std::string body =
          fmt::format(R"({{"type":"x:T","scope":"/a","x:n":{{"type":"Property","value":{}}}}})", n);
      times.push_back(Change(PatchOp::kUpsert, fmt::format("urn:a:{}", n % 3), body, &running));
    }
    Change(PatchOp::kCreate, "urn:a:quiet", R"({"type":"x:T","scope":"/a"})", &running);
    running.Flush();
    hash = running.Hash();
  }
  ToLayout3(folder_);
  for (std::uint16_t partition = 0; partition < journal_.partitions(); ++partition) {
    if (const auto last = LastBefore(partition, times.at(60))) {
      ASSERT_TRUE(journal_.Trim(partition, last->seq + 1));
    }
  }
  ASSERT_FALSE(RocksState::Open({folder_, false, 1 << 20}));

  const auto layout = RocksState::CarryOver(folder_, journal_);

  ASSERT_TRUE(layout) << layout.error().message;
  EXPECT_EQ(*layout, "3");
  EXPECT_FALSE(RocksState::CarryOver(folder_, journal_));  // once
  Running running{*this, 3};
  ASSERT_TRUE(running.Start());
  EXPECT_EQ(running.Hash(), hash);
  for (int n = 62; n < 90; ++n)
    EXPECT_EQ(ValueAsOf(running, fmt::format("urn:a:{}", n % 3), times.at(static_cast<std::size_t>(n))), n);
  EXPECT_EQ(ValueAsOf(running, "urn:a:0", times.at(0)), -2);
  const std::uint16_t partition = model::PartitionOf(0, "urn:a:0", 4);
  const auto series = running.state->SeriesOf({partition, 0, "urn:a:0"}).value();
  ASSERT_EQ(series.size(), 2U);
  EXPECT_EQ(series[0].attribute, history::kScope);
  std::vector<std::string> scopes;
  ASSERT_TRUE(running.state->ReadSeries(series[0], {}, [&](std::string_view row, bool) -> Result<bool> {
    BONGSU_TRY(const auto samples, history::DecodeRow(row));
    for (const auto& sample : samples) scopes.push_back(sample.text);
    return true;
  }));
  EXPECT_EQ(scopes, std::vector<std::string>{R"(["/a"])"});
  ASSERT_TRUE(running.state->CopyTo(copy_));
  const auto base = RocksState::Open({copy_, true, 1 << 20}).value();
  EXPECT_TRUE(VerifyState(*running.state, journal_, base.get()).value().equal);
}

}  // namespace
}  // namespace bongsu::store
