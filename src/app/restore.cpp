// SPDX-License-Identifier: Apache-2.0
#include "app/restore.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>

#include "app/admin_client.hpp"
#include "app/backup_manifest.hpp"
#include "app/server.hpp"
#include "guard/crypto/keys.hpp"
#include "guard/sealing/key_file.hpp"
#include "know/journal/embedded/embedded_journal.hpp"
#include "know/journal/verify.hpp"

namespace bongsu::app {
namespace {

namespace fs = std::filesystem;

Result<BackupManifest> ReadManifest(const fs::path& from) {
  std::ifstream file(from / kManifestName, std::ios::binary);
  if (!file)
    return Fail(Code::kNotFound, "backup.none", "{} holds no finished backup: {} is missing", from.string(),
                kManifestName);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  return ManifestFromText(text);
}

/// Every file is there and holds what was written.
Result<std::uint64_t> CheckFiles(const fs::path& from, const BackupManifest& manifest) {
  std::uint64_t bytes = 0;
  for (const auto& file : manifest.files) {
    const auto found = LookAtFile(from / file.path);
    if (!found)
      return Fail(Code::kCorrupt, "backup.missing", "{} cannot be read: {}", file.path, found.error().message);
    if (found->bytes != file.bytes || found->hash != file.hash)
      return Fail(Code::kCorrupt, "backup.bad_file", "{}: its bytes are not those that were written", file.path);
    bytes += file.bytes;
  }
  return bytes;
}

/// The journal opens, every record is whole, and nothing that was acknowledged is missing.
Result<std::uint64_t> CheckJournal(const fs::path& data, const BackupManifest& manifest) {
  journal::EmbeddedOptions options;
  options.folder = data / "journal";
  options.read_only = true;
  options.must_exist = true;
  BONGSU_TRY(const auto journal, journal::EmbeddedJournal::Open(options));
  const journal::JournalReport report = journal::VerifyJournal(*journal);
  if (!report.problems.empty())
    return Fail(Code::kCorrupt, "restore.bad_journal", "{}: {}", report.problems.front().reason,
                report.problems.front().message);
  for (const auto& position : manifest.positions) {
    if (journal->RangeOf(position.partition).last_seq < position.last_seq)
      return Fail(Code::kCorrupt, "restore.bad_journal", "partition {} ends before record {}", position.partition,
                  position.last_seq);
  }
  return report.records;
}

Result<void> CopyAll(const fs::path& from, const fs::path& draft, const BackupManifest& manifest) {
  for (const auto& file : manifest.files) {
    BONGSU_TRY(const auto copied, CopyFile(from / file.path, draft / file.path));
    if (copied.hash != file.hash)
      return Fail(Code::kCorrupt, "backup.bad_file", "{} changed while it was read", file.path);
  }
  std::ofstream mark(RestoredMarkOf(draft));
  mark << json::ToString(json::Object{{"from", from.string()}, {"made_at", FormatUtc(manifest.made_at)}}) << "\n";
  mark.close();
  if (!mark) return Fail(Code::kUnavailable, "backup.io", "{} cannot be written", RestoredMarkOf(draft).string());
  ::sync();
  return {};
}

/// Before anything of a backup is there, no key is left that an erasure took.
Result<std::pair<sealing::ErasedKeys, std::string>> ApplyErased(const ErasedSince& since) {
  const std::string folder = (fs::path(since.keys) / "sealing").string();
  std::error_code error;
  if (since.keys.empty() || !fs::exists(folder, error)) {
    // Which installation's it is shows when the keys are put there: the first start holds it against them.
    std::string installation;
    if (since.erased.empty()) return std::pair{sealing::ErasedKeys{}, installation};
    std::ifstream file(since.erased, std::ios::binary);
    std::string first;
    std::getline(file, first);
    if (const auto line = json::Parse(first)) installation = (*line)["of"].AsString();
    BONGSU_TRY(auto list, sealing::ReadErasedFile(since.erased, installation));
    return std::pair{std::move(list), installation};
  }
  BONGSU_TRY(const auto crypto, crypto::MakeSodiumCrypto());
  BONGSU_TRY(const crypto::Keys keys, crypto::OpenKeys(since.keys, *crypto));
  BONGSU_TRY(sealing::KeyFile file,
             sealing::KeyFile::Open(folder, *crypto, sealing::InstallationOf(*crypto, keys.surrogate)));
  if (!since.erased.empty()) {
    BONGSU_TRY(const auto list, sealing::ReadErasedFile(since.erased, file.installation()));
    BONGSU_CHECK(file.Take(list));
  }
  return std::pair{file.erased(), file.installation()};
}

struct Words {
  std::string data;
  std::string folder;
  std::string keys;
  std::string erased;
  bool json = false;
  bool help = false;
};

/// @param flag  "--to" or "--from"
std::optional<Words> ReadWords(std::span<const std::string> args, std::string_view flag) {
  Words words;
  if (const char* data = std::getenv("BONGSU_DATA")) words.data = data;  // NOLINT(concurrency-mt-unsafe)
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i] == "--json") {
      words.json = true;
    } else if (args[i] == "--help" || args[i] == "-h") {
      words.help = true;
    } else if ((args[i] == "--data" || args[i] == flag) && i + 1 < args.size()) {
      std::string& member = args[i] == "--data" ? words.data : words.folder;
      member = args[++i];
    } else if (flag == "--from" && (args[i] == "--keys" || args[i] == "--erased") && i + 1 < args.size()) {
      std::string& member = args[i] == "--keys" ? words.keys : words.erased;
      member = args[++i];
    } else {
      return std::nullopt;
    }
  }
  if (!words.help && (words.data.empty() || words.folder.empty())) return std::nullopt;
  if (words.keys.empty()) words.keys = words.data + ".keys";
  return words;
}

int Complain(const Error& error) {
  fmt::print(stderr, "bongsu: {}: {}\n", error.reason, error.message);
  return static_cast<int>(ExitOf(error) == Exit::kUsage ? Exit::kFinding : ExitOf(error));
}

/// Until the server says that it is over; a line on standard error whenever another tenth is copied.
Result<json::Value> Follow(const Words& words) {
  std::int64_t told = -1;
  for (;;) {
    BONGSU_TRY(json::Value status, AskServer(words.data, json::Object{{"verb", "backup.status"}}));
    const std::string_view state = status["state"].AsString();
    const std::int64_t total = std::max<std::int64_t>(1, status["bytes_total"].AsInt());
    const std::int64_t tenth = 10 * status["bytes"].AsInt() / total;
    if (!words.json && tenth > told)
      fmt::print(stderr, "{} of {} bytes\n", status["bytes"].AsInt(), status["bytes_total"].AsInt());
    told = std::max(told, tenth);
    if (state == "done") return status;
    if (state != "running")
      return Fail(Code::kUnavailable, "backup.failed", "{}", status["message"].AsString("the server forgot about it"));
    ::usleep(200'000);
  }
}

}  // namespace

fs::path RestoredMarkOf(const fs::path& data) { return data / "restored.json"; }
fs::path ErasedListOf(const fs::path& data) { return data / "erased.ndjson"; }

Result<json::Value> Restore(const fs::path& from, const fs::path& data, const ErasedSince& since) {
  BONGSU_TRY(const BackupManifest manifest, ReadManifest(from));
  std::error_code error;
  if (fs::exists(data, error) && !(fs::is_directory(data, error) && fs::is_empty(data, error)))
    return Fail(Code::kConflict, "restore.not_empty", "{} is not empty; restore into a new folder", data.string());
  BONGSU_TRY(const std::uint64_t bytes, CheckFiles(from, manifest));
  if (!since.erased.empty() && !fs::exists(since.erased, error))
    return Fail(Code::kNotFound, "erased.none", "there is no list of erased keys at {}", since.erased);
  BONGSU_TRY(const auto applied, ApplyErased(since));
  const auto& [erased, installation] = applied;
  const fs::path draft = (data.filename().empty() ? data.parent_path() : data).string() + ".restoring";
  fs::remove_all(draft, error);
  fs::create_directories(draft, error);
  if (error) return Fail(Code::kUnavailable, "backup.io", "{}: {}", draft.string(), error.message());
  const auto room = fs::space(draft, error);
  if (!error && room.available < bytes)
    return Fail(Code::kDiskFull, "backup.no_room", "the backup takes {} bytes, {} are free", bytes, room.available);
  auto done = CopyAll(from, draft, manifest);
  if (done && !erased.empty()) done = sealing::WriteErasedFile(ErasedListOf(draft).string(), erased, installation);
  Result<std::uint64_t> records = done ? CheckJournal(draft, manifest) : tl::unexpected<Error>(done.error());
  if (records) {
    fs::remove(data, error);  // an empty folder, or none
    fs::rename(draft, data, error);
    if (error) records = Fail(Code::kUnavailable, "backup.io", "{}: {}", data.string(), error.message());
  }
  if (!records) {
    fs::remove_all(draft, error);
    return tl::unexpected<Error>(records.error());
  }
  return json::Value{json::Object{{"data", data.string()},
                                  {"made_at", FormatUtc(manifest.made_at)},
                                  {"records", *records},
                                  {"files", static_cast<std::int64_t>(manifest.files.size())},
                                  {"bytes", bytes},
                                  {"outbox", "held"},
                                  {"erased", static_cast<std::int64_t>(erased.size())}}};
}

int RunBackup(std::span<const std::string> args) {
  const auto words = ReadWords(args, "--to");
  if (!words || words->help) {
    fmt::print(words ? stdout : stderr,
               "usage: bongsu backup --data DIR --to FOLDER [--json]\n\n"
               "Copies everything the running server knows, as it is at one moment, into a new folder. The keys "
               "(DIR.keys) are\nnot in it: keep them apart.\n\nExit codes: 0 ok, 1 no server or not made, 2 usage.\n");
    return words ? 0 : 2;
  }
  std::error_code error;
  const fs::path to = fs::absolute(words->folder, error);
  const auto started =
      AskServer(words->data, json::Object{{"verb", "backup.start"}, {"to", to.lexically_normal().string()}});
  const auto made = started ? Follow(*words) : started;
  if (!made) {
    fmt::print(stderr, "bongsu: {}: {}\n", made.error().reason, made.error().message);
    return 1;
  }
  if (words->json) {
    fmt::print("{}\n", json::ToString(*made));
  } else {
    fmt::print("{}: {} files, {} bytes, as of {}\n", (*made)["to"].AsString(), (*made)["files"].AsInt(),
               (*made)["bytes"].AsInt(), (*made)["made_at"].AsString());
  }
  return 0;
}

int RunRestore(std::span<const std::string> args) {
  const auto words = ReadWords(args, "--from");
  if (!words || words->help) {
    fmt::print(words ? stdout : stderr,
               "usage: bongsu restore --from FOLDER --data DIR [--keys KEYS] [--erased FILE] [--json]\n\n"
               "Makes a data directory of a backup, without a server. Everything is checked before anything is "
               "written; DIR\nmust not exist or be empty. Every outbox begins held.\n\n"
               "  --keys    keys folder of the server that will run (default DIR.keys)\n"
               "  --erased  list of erased keys that is newer than that folder: erased.ndjson of the last keys folder\n"
               "            (KEYS/sealing) or of the seal folder. What was erased after the backup stays erased.\n\n"
               "Exit codes: 0 ok, 1 not restored, 2 usage, 4 the backup is damaged.\n");
    return words ? 0 : 2;
  }
  const auto restored = Restore(words->folder, words->data, {words->keys, words->erased});
  if (!restored) return Complain(restored.error());
  if (words->json) {
    fmt::print("{}\n", json::ToString(*restored));
    return 0;
  }
  std::error_code error;
  fmt::print("{}: {} records, as of {}\n", (*restored)["data"].AsString(), (*restored)["records"].AsInt(),
             (*restored)["made_at"].AsString());
  if (!fs::exists(words->keys, error))
    fmt::print("The keys are not in a backup: put those of the old server at {} before you start it.\n", words->keys);
  if ((*restored)["erased"].AsInt() > 0)
    fmt::print("{} keys of personal values were erased: what they sealed stays sealed for ever.\n",
               (*restored)["erased"].AsInt());
  fmt::print(
      "What was to be sent is held: notices may have gone out after the backup was made. When you have looked at "
      "them:\n"
      "  bongsu outbox release --data {} [--tenant T]\n",
      words->data);
  return 0;
}

}  // namespace bongsu::app
