// SPDX-License-Identifier: Apache-2.0
#include "know/journal/embedded/folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include "base/json.hpp"

namespace bongsu::journal {
namespace {

constexpr std::int64_t kFolderVersion = 1;

tl::unexpected<Error> IoError(const std::filesystem::path& path) {
  return Fail(Code::kUnavailable, "journal.io", "{}: {}", path.string(), std::strerror(errno));
}

Result<void> SyncFolder(const std::filesystem::path& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return IoError(folder);
  const bool synced = ::fsync(file) == 0;
  ::close(file);
  if (!synced) return IoError(folder);
  return {};
}

}  // namespace

Result<FolderLock> FolderLock::Take(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (file < 0) return IoError(path);
  FolderLock lock{file};
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 32> owner{};
    const ssize_t read = ::pread(file, owner.data(), owner.size() - 1, 0);
    return Fail(Code::kConflict, "journal.locked", "{} is in use by process {}; stop it first", folder.string(),
                read > 0 ? owner.data() : "(unknown)");
  }
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(file, 0) != 0 || ::pwrite(file, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return IoError(path);
  }
  return lock;
}

FolderLock::FolderLock(FolderLock&& other) noexcept : file_{std::exchange(other.file_, -1)} {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

FolderLock::~FolderLock() {
  if (file_ >= 0) ::close(file_);
}

Result<std::uint16_t> ReadPartitionCount(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "meta.json";
  std::ifstream file(path);
  if (!file) return Fail(Code::kNotFound, "journal.none", "{} holds no journal", folder.string());
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto meta = json::Parse(text);
  if (!meta || (*meta)["format"].AsString() != "bongsu-journal") {
    return Fail(Code::kCorrupt, "journal.bad_meta", "{} does not describe a journal", path.string());
  }
  if ((*meta)["version"].AsInt() != kFolderVersion) {
    return Fail(Code::kNotSupported, "journal.version", "{}: version {}, this release reads {}", path.string(),
                (*meta)["version"].AsInt(), kFolderVersion);
  }
  const std::int64_t partitions = (*meta)["partitions"].AsInt();
  if (partitions < 1 || partitions > 4096) {
    return Fail(Code::kCorrupt, "journal.bad_meta", "{}: {} partitions, 1 to 4096 are possible", path.string(),
                partitions);
  }
  return static_cast<std::uint16_t>(partitions);
}

Result<void> WritePartitionCount(const std::filesystem::path& folder, std::uint16_t partitions) {
  json::Writer meta;
  meta.Object();
  meta.Key("format").String("bongsu-journal");
  meta.Key("version").Int(kFolderVersion);
  meta.Key("partitions").Int(partitions);
  meta.End();
  const std::string text = meta.Take() + "\n";
  const std::filesystem::path draft = folder / "meta.json.new";
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (file < 0) return IoError(draft);
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  ::close(file);
  if (!written || ::rename(draft.c_str(), (folder / "meta.json").c_str()) != 0) return IoError(draft);
  return SyncFolder(folder);
}

}  // namespace bongsu::journal
