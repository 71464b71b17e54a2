// SPDX-License-Identifier: Apache-2.0
// The chain from a real desk over the real committer and engine, verified by the command as an auditor would.
#include "app/audit_command.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "guard/audit/audit_book.hpp"
#include "guard/audit/seal_file.hpp"
#include "guard/crypto/keys.hpp"
#include "know/desk/desk.hpp"
#include "know/journal/engine_makers_fake.hpp"
#include "runtime/committer.hpp"

namespace bongsu::app {
namespace {

namespace fs = std::filesystem;

class AuditCommandTest : public ::testing::Test {
 protected:
  AuditCommandTest() {
    std::string pattern = (fs::temp_directory_path() / "bongsu-audit-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    data_ = (folder_ / "data").string();
    fs::create_directories(data_);
  }
  ~AuditCommandTest() override { fs::remove_all(folder_); }

  /// Runs a server's worth of parts, does `acts` audited acts and lets the minute of the seal pass.
  void Work(int acts) {
    const auto crypto = std::move(*crypto::MakeSodiumCrypto());
    const auto keys = crypto::OpenKeys(data_ + ".keys", *crypto);
    ASSERT_TRUE(keys) << keys.error().message;
    journal::EmbeddedOptions options;
    options.folder = fs::path(data_) / "journal";
    options.disk.ballast_bytes = 0;
    auto engine = journal::EmbeddedJournal::Open(options, Log{Log::Level::kOff});
    ASSERT_TRUE(engine) << engine.error().message;
    Metrics metrics;
    runtime::Shards shards{1};
    runtime::BlockingPool pool{1, 16};
    runtime::Committer committer{**engine, shards, clock_, metrics, Log{Log::Level::kOff}};
    desk::Desk desk{0,
                    {committer, **engine, clock_, metrics, Log{Log::Level::kOff},
                     [](std::chrono::milliseconds, const std::function<void()>&) {}}};
    audit::AuditBook book{*crypto, keys->audit};
    audit::Seals seals;
    seals.Add(
        std::make_unique<audit::SealFile>(data_ + ".keys/audit-seals.ndjson", pool, metrics, Log{Log::Level::kOff}));
    desk.AddBook(book);
    desk.SetAuditSeal([&](const model::Record& unsealed) { return book.Link(unsealed); });
    desk.OnCommitted([&](std::span<const model::Record> records) { seals.OnCommitted(records); });
    ASSERT_TRUE(committer.Start());
    ASSERT_TRUE(desk.Recover());
    shards.Start();
    const auto on_shard = [&](const std::function<void(std::function<void()>)>& work) {
      std::promise<void> done;
      shards.Post(0, [&] { work([&] { done.set_value(); }); });
      done.get_future().wait();
    };
    for (int i = 0; i < acts; ++i) {
      on_shard([&](const std::function<void()>& done) {
        desk.Act(
            "KIM@10.0.0.5",
            [](desk::DeskBatch& batch) -> Result<json::Value> {
              batch.Audit("alarm.acknowledge", "ALARM", {});
              return json::Value{};
            },
            [done](const Result<json::Value>& result) {
              EXPECT_TRUE(result);
              done();
            });
      });
    }
    clock_.Advance(61s);
    on_shard([&](const std::function<void()>& done) {
      desk.Wake();
      desk.Read(done);
    });
    std::promise<void> written;
    ASSERT_TRUE(pool.Run([&] { written.set_value(); }));  // behind the seal's line
    written.get_future().wait();
    committer.Stop();
    shards.Stop();
    pool.Stop();
  }
  /// Exit code and the line printed.
  std::pair<int, std::string> Verify(std::vector<std::string> more = {}) {
    std::vector<std::string> args{"verify", "--data", data_, "--json"};
    args.insert(args.end(), more.begin(), more.end());
    ::testing::internal::CaptureStdout();
    const int code = RunAuditCommand(args);
    return {code, ::testing::internal::GetCapturedStdout()};
  }

  journal::SharedClock clock_;
  fs::path folder_;
  std::string data_;
};

TEST_F(AuditCommandTest, HoldsAcrossARestartOfTheServer) {
  Work(3);
  Work(2);

  const auto [code, line] = Verify();

  EXPECT_EQ(code, 0);
  EXPECT_EQ(line, R"({"ok":true,"records":5,"first_bad":null,"cut_tail":false,"seals":4})"
                  "\n")
      << "two seals in the journal, two outside";
}

TEST_F(AuditCommandTest, FindsAnOlderCopyPutInItsPlace) {
  Work(3);
  fs::copy(data_, folder_ / "copy", fs::copy_options::recursive);
  Work(2);
  fs::remove_all(data_);
  fs::rename(folder_ / "copy", data_);

  const auto [code, line] = Verify();

  EXPECT_EQ(code, 1);
  EXPECT_EQ(line, R"({"ok":false,"records":3,"first_bad":null,"cut_tail":true,"seals":3})"
                  "\n");
  const std::string elsewhere = (folder_ / "kept.ndjson").string();
  fs::rename(data_ + ".keys/audit-seals.ndjson", elsewhere);
  EXPECT_EQ(Verify().first, 0) << "without a seal from outside nobody can tell";
  EXPECT_EQ(Verify({"--seal", elsewhere}).first, 1);
}

TEST_F(AuditCommandTest, FindsAFlippedByteInTheFiles) {
  Work(5);
  // The newest records lie in the engine's log file.
  fs::path log;
  for (const auto& entry : fs::recursive_directory_iterator(data_)) {
    if (entry.path().extension() == ".log" && entry.file_size() > 0) log = entry.path();
  }
  ASSERT_FALSE(log.empty());
  std::fstream file(log, std::ios::in | std::ios::out | std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const std::size_t at = bytes.find("alarm.acknowledge");
  ASSERT_NE(at, std::string::npos);
  file.clear();
  file.seekp(static_cast<std::streamoff>(at));
  file.put('A');
  file.close();

  const auto [code, line] = Verify();

  EXPECT_EQ(code, 1) << line;
  EXPECT_NE(line.find("\"ok\":false"), std::string::npos) << line;
}

TEST_F(AuditCommandTest, SaysWhatIsMissing) {
  ::testing::internal::CaptureStderr();
  const std::vector<std::string> look{"look"};
  const std::vector<std::string> color{"verify", "--color"};
  EXPECT_EQ(RunAuditCommand(look), 2);
  EXPECT_EQ(RunAuditCommand(color), 2);
  EXPECT_EQ(Verify().first, 1) << "no keys folder";
  const std::string said = ::testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("bongsu audit --help"), std::string::npos);
  EXPECT_NE(said.find("audit.pub"), std::string::npos);
}

}  // namespace
}  // namespace bongsu::app
