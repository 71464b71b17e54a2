// SPDX-License-Identifier: Apache-2.0
#include "know/journal/offline/commands.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "know/journal/engine_makers_fake.hpp"
#include "know/journal/verify.hpp"

namespace bongsu::journal {
namespace {

struct Ran {
  int code;
  json::Value out;
};

class JournalCommand : public testing::Test {
 protected:
  JournalCommand() {
    std::string pattern = (std::filesystem::temp_directory_path() / "bongsu-data-XXXXXX").string();
    data_ = ::mkdtemp(pattern.data());
    options_.folder = data_ / "journal";
    options_.disk.ballast_bytes = 0;
    auto journal = EmbeddedJournal::Open(options_, Log{Log::Level::kOff});
    BONGSU_ASSERT(journal && (*journal)->Claim(kNoon));
    model::Record record;
    record.kind = model::Kind::kEvent;
    record.position = {2, 2};
    record.ingest_time = kNoon + 1s;
    record.payload = "{}";
    std::vector<model::Record> records{record};
    BONGSU_ASSERT((*journal)->Append(records).outcome == Outcome::kDurable);
    (*journal)->Settle(true);
  }
  ~JournalCommand() override { std::filesystem::remove_all(data_); }

  Ran Run(std::vector<std::string> args, const StateInsight& insight = {}) {
    args.insert(args.end(), {"--data", data_.string(), "--json"});
    char* text = nullptr;
    std::size_t size = 0;
    std::FILE* out = ::open_memstream(&text, &size);
    const int code = RunJournalCommand(args, insight, out);
    std::fclose(out);
    auto parsed = json::Parse({text, size});
    ::free(text);  // NOLINT: made by open_memstream
    return {code, parsed ? *parsed : json::Value{}};
  }

  std::filesystem::path data_;
  EmbeddedOptions options_;
};

TEST_F(JournalCommand, InspectCountsRecordsByKind) {
  const Ran ran = Run({"inspect"});

  EXPECT_EQ(ran.code, 0);
  const auto& partitions = ran.out["partitions"].AsArray();
  ASSERT_EQ(partitions.size(), 16U);
  EXPECT_EQ(partitions[2]["id"].AsInt(), 2);
  EXPECT_EQ(partitions[2]["last_seq"].AsInt(), 2);
  EXPECT_EQ(partitions[2]["records_by_kind"]["claim"].AsInt(), 1);
  EXPECT_EQ(partitions[2]["records_by_kind"]["event"].AsInt(), 1);
  EXPECT_TRUE(partitions[2]["applied_seq"].IsNull());
}

TEST_F(JournalCommand, ExportGivesEachRecordOfAKindAsALine) {
  const Ran events = Run({"export", "--kind", "event"}),
            none = Run({"export", "--kind", "event", "--source", "elsewhere"});

  EXPECT_EQ(events.code, 0);
  EXPECT_EQ(events.out["partition"].AsInt(), 2);
  EXPECT_EQ(events.out["seq"].AsInt(), 2);
  EXPECT_EQ(events.out["kind"].AsString(), "event");
  EXPECT_TRUE(events.out["payload"].IsObject());
  EXPECT_EQ(none.code, 0);
  EXPECT_TRUE(none.out.IsNull());
}

TEST_F(JournalCommand, VerifyComparesStateWithFold) {
  StateInsight same, other;
  same.hashes = [](const JournalPort&, const std::filesystem::path&) {
    return Result<StateInsight::Hashes>{{{1}, {1}}};
  };
  other.hashes = [](const JournalPort&, const std::filesystem::path&) {
    return Result<StateInsight::Hashes>{{{1}, {2}}};
  };

  const Ran bare = Run({"verify"}), equal = Run({"verify"}, same), different = Run({"verify"}, other);

  EXPECT_EQ(bare.code, 0);
  EXPECT_TRUE(bare.out["equal"].IsNull());
  EXPECT_EQ(bare.out["records"].AsInt(), 17);
  EXPECT_EQ(equal.code, 0);
  EXPECT_TRUE(equal.out["equal"].AsBool());
  EXPECT_EQ(different.code, 1);
}

TEST_F(JournalCommand, AJournalInUseIsExitCodeThree) {
  const auto journal = EmbeddedJournal::Open(options_, Log{Log::Level::kOff});
  ASSERT_TRUE(journal);

  EXPECT_EQ(Run({"verify"}).code, 3);
}

TEST_F(JournalCommand, LostRecordsAreExitCodeFourUntilAccepted) {
  for (const char* name : {"acked.a", "acked.b"}) std::filesystem::resize_file(options_.folder / name, 3);

  const Ran verify = Run({"verify"}), recover = Run({"recover"});
  const Ran accepted = Run({"recover", "--accept-loss"});

  EXPECT_EQ(verify.code, 4);
  EXPECT_EQ(recover.code, 4);
  EXPECT_EQ(accepted.code, 0);
  EXPECT_EQ(accepted.out["records"].AsInt(), 17);
  EXPECT_EQ(Run({"verify"}).code, 0);
}

TEST_F(JournalCommand, AWrongWordIsUsage) {
  EXPECT_EQ(Run({"inspekt"}).code, 2);
  EXPECT_EQ(Run({"verify", "--accept-loss"}).code, 2);
}

TEST(Verify, FindsTimeThatFalls) {
  MemoryJournal journal;
  ASSERT_TRUE(journal.Claim(kNoon));
  model::Record record;
  record.position = {1, 2};
  record.ingest_time = kNoon - 1s;
  std::vector<model::Record> records{record};
  ASSERT_EQ(journal.Append(records).outcome, Outcome::kDurable);

  const JournalReport report = VerifyJournal(journal);

  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_EQ(report.problems[0].reason, "journal.time_falls");
  EXPECT_EQ(report.problems[0].position, (model::Position{1, 2}));
}

}  // namespace
}  // namespace bongsu::journal
