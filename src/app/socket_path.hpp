// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A path of a Unix socket may have 107 bytes only; data directories may lie deeper.

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace bongsu::app {

/// Name under which the kernel takes a socket at `path` while this lives.
class SocketPath {
 public:
  explicit SocketPath(const std::filesystem::path& path) : name_{path.string()} {
    if (name_.size() <= 100) return;
    folder_ = ::open(path.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder_ >= 0) name_ = "/proc/self/fd/" + std::to_string(folder_) + "/" + path.filename().string();
  }
  ~SocketPath() {
    if (folder_ >= 0) ::close(folder_);
  }
  SocketPath(const SocketPath&) = delete;
  SocketPath& operator=(const SocketPath&) = delete;
  const std::string& name() const { return name_; }

 private:
  std::string name_;
  int folder_ = -1;
};

}  // namespace bongsu::app
