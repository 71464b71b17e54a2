// SPDX-License-Identifier: Apache-2.0
#include "app/backup_manifest.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/json.hpp"

namespace bongsu::app {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "bongsu-backup";
constexpr std::int64_t kVersion = 1;
constexpr std::size_t kChunk = 1U << 20U;  // the hash is made over pieces of this size: part of the format

tl::unexpected<Error> Bad(std::string_view what) { return Fail(Code::kCorrupt, "backup.bad_manifest", "{}", what); }

tl::unexpected<Error> IoError(const fs::path& path) {
  const bool full = errno == ENOSPC || errno == EDQUOT;
  return Fail(full ? Code::kDiskFull : Code::kUnavailable, full ? "backup.no_room" : "backup.io", "{}: {}",
              path.string(), std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
}

/// Below the folder it is in, whatever the file says.
bool IsInside(std::string_view path) {
  const fs::path parsed{path};
  return !path.empty() && parsed.is_relative() &&
         std::ranges::none_of(parsed, [](const fs::path& part) { return part == ".." || part == "." || part.empty(); });
}

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags) : file_{::open(path.c_str(), flags | O_CLOEXEC, 0640)} {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (file_ >= 0) ::close(file_);
  }
  int get() const { return file_; }

 private:
  int file_;
};

bool WriteAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// Reads `from` in pieces and gives them to `take`.
template <class Take>
Result<BackupManifest::File> ReadThrough(const fs::path& from, Take take) {
  const Descriptor in{from, O_RDONLY};
  if (in.get() < 0) return IoError(from);
  BackupManifest::File file;
  std::string chunk(kChunk, '\0');
  for (;;) {
    std::size_t filled = 0;
    while (filled < kChunk) {
      const ssize_t got = ::read(in.get(), chunk.data() + filled, kChunk - filled);
      if (got < 0) return IoError(from);
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
    }
    const std::string_view piece{chunk.data(), filled};
    if (filled > 0) {
      file.hash = HashParts({ToText(file.hash), piece});
      file.bytes += filled;
      BONGSU_CHECK(take(piece));
    }
    if (filled < kChunk) return file;
  }
}

}  // namespace

std::string ToText(const BackupManifest& manifest) {
  json::Writer w;
  w.Object().Key("format").String(kFormat).Key("version").Int(kVersion);
  w.Key("made_at").String(FormatUtc(manifest.made_at)).Key("program").String(manifest.program);
  w.Key("positions").Array();
  for (const auto& position : manifest.positions) {
    w.Object().Key("partition").Int(position.partition);
    w.Key("last_seq").Int(static_cast<std::int64_t>(position.last_seq)).End();
  }
  w.End().Key("files").Array();
  for (const auto& file : manifest.files) {
    w.Object().Key("path").String(file.path).Key("bytes").Int(static_cast<std::int64_t>(file.bytes));
    w.Key("hash").String(bongsu::ToText(file.hash)).End();
  }
  w.End().End();
  const std::string line = w.Take();
  return line + "\n" + bongsu::ToText(HashParts({line})) + "\n";
}

Result<BackupManifest> ManifestFromText(std::string_view text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return Bad("it is cut short");
  const std::string_view line = text.substr(0, end);
  std::string_view rest = text.substr(end + 1);
  if (rest.ends_with('\n')) rest.remove_suffix(1);
  const auto hash = HashFromText(rest);
  if (!hash || *hash != HashParts({line})) return Bad("its bytes are not those that were written");
  const auto parsed = json::Parse(line);
  if (!parsed || (*parsed)["format"].AsString() != kFormat) return Bad("it describes no backup");
  if ((*parsed)["version"].AsInt() != kVersion)
    return Fail(Code::kNotSupported, "backup.version", "version {}, this release reads {}",
                (*parsed)["version"].AsInt(), kVersion);
  BackupManifest manifest;
  manifest.made_at = ParseTime((*parsed)["made_at"].AsString()).value_or(TimePoint{});
  manifest.program = (*parsed)["program"].AsString();
  for (const json::Value& item : (*parsed)["positions"].AsArray()) {
    manifest.positions.push_back(
        {static_cast<std::uint16_t>(item["partition"].AsInt()), static_cast<std::uint64_t>(item["last_seq"].AsInt())});
  }
  for (const json::Value& item : (*parsed)["files"].AsArray()) {
    const std::string_view path = item["path"].AsString();
    const auto of_file = HashFromText(item["hash"].AsString());
    if (!IsInside(path) || !of_file) return Bad("it names a file outside the backup or without a hash");
    manifest.files.push_back({std::string(path), static_cast<std::uint64_t>(item["bytes"].AsInt()), *of_file});
  }
  return manifest;
}

Result<BackupManifest::File> CopyFile(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_directories(to.parent_path(), error);
  const Descriptor out{to, O_WRONLY | O_CREAT | O_TRUNC};
  if (out.get() < 0) return IoError(to);
  auto copied = ReadThrough(from, [&](std::string_view piece) -> Result<void> {
    if (!WriteAll(out.get(), piece)) return IoError(to);
    return {};
  });
  if (copied && ::fsync(out.get()) != 0) return IoError(to);
  return copied;
}

Result<BackupManifest::File> LookAtFile(const fs::path& file) {
  return ReadThrough(file, [](std::string_view) -> Result<void> { return {}; });
}

Result<std::vector<std::string>> FilesBelow(const fs::path& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (fs::recursive_directory_iterator item{folder, error}, end; !error && item != end; item.increment(error)) {
    if (item->is_regular_file()) files.push_back(fs::relative(item->path(), folder).generic_string());
  }
  if (error) return Fail(Code::kUnavailable, "backup.io", "{}: {}", folder.string(), error.message());
  std::ranges::sort(files);
  return files;
}

}  // namespace bongsu::app
