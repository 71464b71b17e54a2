// SPDX-License-Identifier: Apache-2.0
// What is special about the embedded engine; what every engine promises is in ../contract_test.cpp.
#include "know/journal/embedded/embedded_journal.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>
#include <iterator>

#include "know/journal/embedded/side_file.hpp"

namespace bongsu::journal {
namespace {

constexpr TimePoint kNoon = FromMicros(1'795'521'600'000'000);

class EmbeddedJournalTest : public testing::Test {
 protected:
  EmbeddedJournalTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bongsu-journal-XXXXXX").string();
    options_.folder = std::filesystem::path(::mkdtemp(pattern.data())) / "journal";
    options_.disk.ballast_bytes = 4096;
    options_.disk.free_bytes = [this] { return free_; };
  }
  ~EmbeddedJournalTest() override { std::filesystem::remove_all(options_.folder.parent_path()); }

  Result<std::unique_ptr<EmbeddedJournal>> Open() { return EmbeddedJournal::Open(options_, Log{Log::Level::kOff}); }
  std::unique_ptr<EmbeddedJournal> Opened() {
    auto journal = Open();
    EXPECT_TRUE(journal) << journal.error().message;
    EXPECT_TRUE((*journal)->Claim(kNoon));
    return std::move(*journal);
  }
  static AppendResult Put(EmbeddedJournal& journal, std::uint16_t partition, int count) {
    std::vector<model::Record> records;
    for (int i = 0; i < count; ++i) {
      model::Record record;
      record.kind = model::Kind::kEvent;
      record.position = {partition, journal.RangeOf(partition).last_seq + 1 + static_cast<std::uint64_t>(i)};
      record.ingest_time = kNoon + Duration{static_cast<std::int64_t>(record.position.seq)};
      record.payload = std::string(200, 'x');
      records.push_back(std::move(record));
    }
    AppendResult result = journal.Append(records);
    if (result.outcome == Outcome::kDurable) journal.Settle(true);
    return result;
  }
  static void CopyOver(const std::filesystem::path& from, const std::filesystem::path& to) {
    std::filesystem::remove_all(to);
    std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
  }

  std::uint64_t free_ = std::uint64_t{1} << 40U;
  EmbeddedOptions options_;
};

TEST_F(EmbeddedJournalTest, ASecondProcessIsToldWhoHasIt) {
  const auto journal = Opened();

  const auto second = Open();

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reason, "journal.locked");
  EXPECT_NE(second.error().message.find(std::to_string(::getpid())), std::string::npos);
}

TEST_F(EmbeddedJournalTest, KeepsItsPartitionCount) {
  options_.partitions = 8;
  Opened().reset();
  options_.partitions = 32;

  EXPECT_EQ(Opened()->partitions(), 8);
}

TEST_F(EmbeddedJournalTest, RefusesASeqThatDoesNotFollow) {
  const auto journal = Opened();
  model::Record record;
  record.position = {1, 9};
  std::vector<model::Record> records{record};

  const AppendResult result = journal->Append(records);

  EXPECT_EQ(result.outcome, Outcome::kRefused);
  EXPECT_EQ(result.error.reason, "journal.not_next");
}

TEST_F(EmbeddedJournalTest, RefusesToServeWhenAcknowledgedRecordsAreMissingUntilTheLossIsAccepted) {
  auto journal = Opened();
  ASSERT_EQ(Put(*journal, 2, 5).outcome, Outcome::kDurable);
  journal.reset();
  CopyOver(options_.folder / "db", options_.folder / "db.old");
  journal = Opened();
  ASSERT_EQ(Put(*journal, 2, 5).outcome, Outcome::kDurable);
  journal.reset();
  CopyOver(options_.folder / "db.old", options_.folder / "db");  // a disk that lied, or an older copy put back

  const auto refused = Open();
  options_.accept_loss = true;
  auto accepted = Open();

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "journal.lost_tail");
  ASSERT_TRUE(accepted) << accepted.error().message;
  std::uint64_t lost = 0;
  for (const auto& [partition, count] : (*accepted)->accepted_loss()) lost += partition == 2 ? count : 0;
  EXPECT_EQ(lost, 6U);  // five events and the claim of the second start
  accepted->reset();
  options_.accept_loss = false;
  EXPECT_TRUE(Open());
}

TEST_F(EmbeddedJournalTest, RefusesToServeWhenTheEngineIsGone) {
  auto journal = Opened();
  ASSERT_EQ(Put(*journal, 2, 1).outcome, Outcome::kDurable);
  journal.reset();
  std::filesystem::remove_all(options_.folder / "db");

  const auto refused = Open();

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "journal.lost_tail");
}

TEST_F(EmbeddedJournalTest, OneTornSideFileIsEnoughTwoAreNot) {
  auto journal = Opened();
  ASSERT_EQ(Put(*journal, 2, 1).outcome, Outcome::kDurable);
  journal.reset();
  const auto tear = [&](const char* name) { std::filesystem::resize_file(options_.folder / name, 7); };

  tear("acked.a");
  EXPECT_TRUE(Open());
  tear("acked.a");
  tear("acked.b");
  const auto refused = Open();

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "journal.side_file");
}

TEST_F(EmbeddedJournalTest, AHoleInAPartitionIsCorruptNotSilence) {
  auto journal = Opened();
  ASSERT_EQ(Put(*journal, 2, 3).outcome, Outcome::kDurable);
  ASSERT_TRUE(journal->Flush());
  journal.reset();
  for (const auto& file : std::filesystem::directory_iterator(options_.folder / "db")) {
    if (file.path().extension() == ".sst") {  // one changed byte in the middle of a sorted file
      std::fstream bytes(file.path(), std::ios::in | std::ios::out | std::ios::binary);
      bytes.seekp(30);
      bytes.put('\x55');
    }
  }

  auto opened = Open();

  if (opened) {
    const auto read = (*opened)->Read(2, 1, [](const model::Record&) { return true; });
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Code::kCorrupt);
  } else {
    EXPECT_EQ(opened.error().code, Code::kCorrupt);
  }
}

TEST_F(EmbeddedJournalTest, ChangesNothingWhenOpenedForInspection) {
  auto journal = Opened();
  ASSERT_EQ(Put(*journal, 2, 3).outcome, Outcome::kDurable);
  journal.reset();
  options_.read_only = true;

  auto inspected = Open();

  ASSERT_TRUE(inspected) << inspected.error().message;
  EXPECT_EQ((*inspected)->RangeOf(2).last_seq, 4U);
  EXPECT_FALSE((*inspected)->Claim(kNoon));
}

TEST_F(EmbeddedJournalTest, SaysHowMuchRoomTheDiskHas) {
  const auto journal = Opened();

  EXPECT_EQ(journal->Room(), DiskRoom::kPlenty);
  free_ = options_.disk.reserve_bytes - 1;
  EXPECT_EQ(journal->Room(), DiskRoom::kUrgentOnly);
  free_ = options_.disk.floor_bytes - 1;
  EXPECT_EQ(journal->Room(), DiskRoom::kNone);
}

TEST_F(EmbeddedJournalTest, GivesTheBallastUpWhenOpeningWouldNotFit) {
  Opened().reset();
  ASSERT_TRUE(std::filesystem::exists(options_.folder / "ballast"));
  free_ = options_.disk.floor_bytes - 1;

  Opened().reset();

  EXPECT_FALSE(std::filesystem::exists(options_.folder / "ballast"));
  free_ = std::uint64_t{1} << 40U;
  Opened().reset();
  EXPECT_TRUE(std::filesystem::exists(options_.folder / "ballast"));
}

TEST_F(EmbeddedJournalTest, TheSideFileTurnsBetweenTwoFiles) {
  std::filesystem::create_directories(options_.folder);
  auto side = SideFile::Open(options_.folder / "acked", 0);
  ASSERT_TRUE(side);
  ASSERT_TRUE(side->Write({{1, 10}, {0x8000, 7}}));
  ASSERT_TRUE(side->Sync());
  ASSERT_TRUE(side->Write({{1, 11}}));
  std::filesystem::resize_file(options_.folder / "acked.b", 9);  // the newer one is torn

  const auto loaded = SideFile::Load(options_.folder / "acked");

  EXPECT_EQ(loaded.generation, 1U);
  EXPECT_EQ(loaded.acked, (AckedSeqs{{1, 10}, {0x8000, 7}}));
}

}  // namespace
}  // namespace bongsu::journal
