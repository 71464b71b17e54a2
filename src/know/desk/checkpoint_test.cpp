// SPDX-License-Identifier: Apache-2.0
#include "know/desk/checkpoint.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "know/desk/checkpoint_store.hpp"
#include "know/journal/engine_makers_fake.hpp"

namespace bongsu::desk {
namespace {

namespace fs = std::filesystem;

constexpr std::uint16_t kDesk = model::DeskPartition(3);

/// Keeps the subjects it saw, in order.
class LogBook final : public Book {
 public:
  explicit LogBook(std::string name = "log") : name_{std::move(name)} {}
  void Clear() override { log.clear(); }
  void Fold(const model::Record& record) override {
    if (record.kind == model::Kind::kAlarm) log.push_back(record.subject);
  }
  std::string_view name() const override { return name_; }
  void Save(const PutRow& put) const override {
    for (const std::string& line : log) put(json::ToString(json::Value{line}));
  }
  Result<void> Load(const json::Value& row) override {
    if (!row.IsString()) return Fail(Code::kCorrupt, "log.bad", "no text");
    log.emplace_back(row.AsString());
    return {};
  }
  std::vector<std::string> log;

 private:
  std::string name_;
};

class CheckpointTest : public testing::Test {
 protected:
  CheckpointTest() {
    (void)engine_.Claim(journal::kNoon);
    for (int i = 0; i < 10; ++i) Add("a" + std::to_string(i));
  }
  void Add(const std::string& subject) {
    model::Record record;
    record.kind = model::Kind::kAlarm;
    record.position = {kDesk, engine_.RangeOf(kDesk).last_seq + 1};
    record.ingest_time = journal::kNoon + Duration{static_cast<std::int64_t>(record.position.seq)};
    record.subject = subject;
    ASSERT_EQ(engine_.Append({&record, 1}).outcome, journal::Outcome::kDurable);
  }
  std::uint64_t Make() {
    LogBook book;
    const std::array<Book*, 1> books{&book};
    const auto made = MakeCheckpoint(store_, engine_, kDesk, books);
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    return made.value_or(0);
  }
  Result<Restored> RestoreInto(LogBook& book) { return Restore(store_, engine_, kDesk, std::array<Book*, 1>{&book}); }
  void Flip(std::uint64_t seq, std::size_t byte) {
    for (const auto& found : store_.List(kDesk)) {
      if (found.seq != seq) continue;
      std::fstream file(found.path, std::ios::binary | std::ios::in | std::ios::out);
      file.seekg(static_cast<std::streamoff>(byte));
      const char was = static_cast<char>(file.get());
      file.seekp(static_cast<std::streamoff>(byte));
      file.put(static_cast<char>(was ^ 1));
    }
  }

  journal::EmbeddedMaker maker_;
  journal::JournalPort& engine_ = maker_.engine();
  CheckpointStore store_{maker_.folder() / "checkpoints", Log{Log::Level::kOff}};
};

TEST_F(CheckpointTest, ReadsBackWhatItWrote) {
  Checkpoint written;
  written.partition = kDesk;
  written.seq = 77;
  written.ingest_time = journal::kNoon;
  written.record = Hash128{5, 6};
  written.sections = {{"alarms", "{\"a\":1}\n"}, {"empty", ""}};

  const auto read = DecodeCheckpoint(EncodeCheckpoint(written));

  ASSERT_TRUE(read);
  EXPECT_EQ(read->partition, kDesk);
  EXPECT_EQ(read->seq, 77U);
  EXPECT_EQ(read->ingest_time, journal::kNoon);
  EXPECT_EQ(read->record, written.record);
  EXPECT_EQ(read->sections, written.sections);
}

TEST_F(CheckpointTest, NoChangedOrMissingByteIsReadAsGood) {
  Checkpoint written;
  written.seq = 3;
  written.sections = {{"alarms", "[1]\n"}};
  const std::string bytes = EncodeCheckpoint(written);

  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ 0x10);
    EXPECT_FALSE(DecodeCheckpoint(changed)) << "byte " << at;
    EXPECT_FALSE(DecodeCheckpoint(std::string_view{bytes}.substr(0, at))) << "cut at " << at;
  }
}

TEST_F(CheckpointTest, AFoldGoesOnBehindTheNewestCheckpoint) {
  ASSERT_EQ(Make(), 10U);
  Add("later");
  LogBook book;

  const auto from = RestoreInto(book);

  ASSERT_TRUE(from);
  EXPECT_EQ(from->seq, 10U);
  EXPECT_EQ(book.log.size(), 10U);
  EXPECT_EQ(book.log.back(), "a9");
}

TEST_F(CheckpointTest, ABadOneFallsBackToTheOneBeforeAndThenToTheFirstRecord) {
  ASSERT_EQ(Make(), 10U);
  Add("later");
  ASSERT_EQ(Make(), 11U);
  LogBook book;

  Flip(11, 60);
  EXPECT_EQ(RestoreInto(book)->seq, 10U);
  Flip(10, 60);
  EXPECT_EQ(RestoreInto(book)->seq, 0U);
  EXPECT_TRUE(book.log.empty());
}

TEST_F(CheckpointTest, TheTwoNewestAreKeptAndWhatIsBeforeTheOlderMayGo) {
  EXPECT_EQ(store_.SafeSeq(kDesk), 0U);
  Make();
  EXPECT_EQ(store_.SafeSeq(kDesk), 0U);
  Add("b");
  Make();
  Add("c");
  Make();

  EXPECT_EQ(store_.List(kDesk).size(), 2U);
  EXPECT_EQ(store_.SafeSeq(kDesk), 11U);
}

TEST_F(CheckpointTest, VerificationFindsACheckpointThatIsNotWhatTheRecordsMake) {
  LogBook book;
  const std::array<Book*, 1> books{&book};
  Make();
  Add("b");
  Make();

  const auto good = VerifyCheckpoint(store_, engine_, kDesk, books);
  ASSERT_TRUE(good);
  EXPECT_EQ(good->seq, 11U);
  EXPECT_EQ(good->kept, good->fold);

  Checkpoint wrong = *store_.Read(store_.List(kDesk)[0].path);
  wrong.sections[0].rows += "\"invented\"\n";
  ASSERT_TRUE(store_.Write(wrong));
  const auto bad = VerifyCheckpoint(store_, engine_, kDesk, books);
  ASSERT_TRUE(bad);
  EXPECT_NE(bad->kept, bad->fold);
}

// After `recover --accept-loss` seqs are given again to other records.
TEST_F(CheckpointTest, OneOfAnotherJournalIsNotUsed) {
  ASSERT_EQ(Make(), 10U);
  Checkpoint moved = *store_.Read(store_.List(kDesk)[0].path);
  moved.record.low ^= 1U;
  ASSERT_TRUE(store_.Write(moved));
  LogBook book;

  EXPECT_EQ(RestoreInto(book)->seq, 0U);
}

TEST_F(CheckpointTest, ABookThatCameLaterFoldsEverythingAgain) {
  ASSERT_EQ(Make(), 10U);
  LogBook old;
  LogBook fresh{"fresh"};

  const auto from = Restore(store_, engine_, kDesk, std::array<Book*, 2>{&old, &fresh});

  ASSERT_TRUE(from);
  EXPECT_EQ(from->seq, 0U);
  EXPECT_TRUE(old.log.empty());
}

TEST_F(CheckpointTest, ABookWithoutAPartKeepsItsDeskFromHavingOne) {
  LogBook nameless{""};

  const auto made = MakeCheckpoint(store_, engine_, kDesk, std::array<Book*, 1>{&nameless});

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().reason, "checkpoint.nameless_book");
}

}  // namespace
}  // namespace bongsu::desk
