// SPDX-License-Identifier: Apache-2.0
#include "app/private_file.hpp"

#include <fstream>

namespace bongsu::app {

namespace fs = std::filesystem;

Result<void> WritePrivateFile(const fs::path& path, const std::string& text) {
  const fs::path fresh = path.string() + ".new";
  {
    std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
    fs::permissions(fresh, fs::perms::owner_read | fs::perms::owner_write);
    file << text;
    if (!file.flush()) return Fail(Code::kUnavailable, "app.cannot_write", "'{}' cannot be written", path.string());
  }
  std::error_code error;
  fs::rename(fresh, path, error);
  if (error)
    return Fail(Code::kUnavailable, "app.cannot_write", "'{}' cannot be written: {}", path.string(), error.message());
  return {};
}

}  // namespace bongsu::app
