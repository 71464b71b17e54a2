// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/file_drop/session.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace bongsu::file_drop {
namespace {

namespace fs = std::filesystem;

bool Before(const Dropped& a, const Dropped& b) {
  return std::pair<std::uint64_t, const std::string&>(a.number, a.name) <
         std::pair<std::uint64_t, const std::string&>(b.number, b.name);
}

}  // namespace

Result<std::vector<Dropped>> Folder::List(std::size_t most) const {
  std::vector<Dropped> files;
  std::error_code error;
  for (fs::directory_iterator at{path_, error}, end; !error && at != end; at.increment(error)) {
    Dropped file;
    file.name = at->path().filename().string();
    const auto number = pattern_.NumberOf(file.name);
    std::error_code gone;  // a file may go while we look
    if (!number || at->symlink_status(gone).type() != fs::file_type::regular) continue;
    file.number = *number;
    file.bytes = at->file_size(gone);
    file.written_at = at->last_write_time(gone).time_since_epoch().count();
    if (!gone) files.push_back(std::move(file));
    if (files.size() < 2 * most) continue;
    std::ranges::nth_element(files, files.begin() + static_cast<std::ptrdiff_t>(most), Before);  // the lowest stay
    files.resize(most);
  }
  if (error) return Fail(Code::kUnavailable, "file_drop.no_folder", "folder '{}': {}", path_, error.message());
  std::ranges::sort(files, Before);
  files.resize(std::min(files.size(), most));
  return files;
}

Result<std::optional<std::uint64_t>> Folder::Last() const {
  std::optional<std::uint64_t> last;
  for (const char* const sub : {"done", "refused"}) {
    const fs::path folder = fs::path(path_) / sub;
    std::error_code error;
    if (!fs::exists(folder, error) && !error) continue;
    for (fs::directory_iterator at{folder, error}, end; !error && at != end; at.increment(error)) {
      last = std::max(last, pattern_.NumberOf(at->path().filename().string()));
    }
    if (error)
      return Fail(Code::kUnavailable, "file_drop.no_folder", "folder '{}': {}", folder.string(), error.message());
  }
  return last;
}

Result<std::string> Folder::Read(const std::string& name) const {
  const fs::path path = fs::path(path_) / name;
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (!error && size > kMaxFileBytes)
    return Fail(Code::kTooLarge, "file_drop.too_large", "'{}' has {} bytes, at most {}", name, size, kMaxFileBytes);
  std::ifstream file(path, std::ios::binary);
  std::string bytes(error ? 0 : size, '\0');
  if (error || !file || !file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()))) {
    return Fail(Code::kUnavailable, "file_drop.cannot_read", "cannot read '{}'", path.string());
  }
  return bytes;
}

Result<void> Folder::Move(const std::string& name, const std::string& to) const {
  const fs::path folder = fs::path(path_) / to;
  std::error_code error;
  fs::create_directory(folder, error);
  if (!error) fs::rename(fs::path(path_) / name, folder / name, error);
  if (error)
    return Fail(Code::kUnavailable, "file_drop.cannot_move", "'{}' into '{}': {}", name, folder.string(),
                error.message());
  return {};
}

}  // namespace bongsu::file_drop
