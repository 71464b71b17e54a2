// SPDX-License-Identifier: Apache-2.0
#include "guard/audit/seal_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

namespace bongsu::audit {

SealFile::SealFile(std::string path, runtime::BlockingPool& pool, Metrics& metrics, Log log)
    : path_{std::move(path)},
      pool_{pool},
      lost_{metrics.Counter("bongsu_audit_seals_lost_total",
                            "Seals that did not get out of the data directory, by way.",
                            fmt::format("way=\"{}\"", path_))},
      log_{log} {}

void SealFile::Send(const std::vector<std::string>& seals) {
  std::string lines;
  for (const std::string& seal : seals) lines += seal + "\n";
  if (!pool_.Run([this, lines = std::move(lines)] { Write(lines); })) lost_.Add();
}

void SealFile::Write(const std::string& lines) const {
  struct stat status{};
  if (::stat(path_.c_str(), &status) == 0 && static_cast<std::uint64_t>(status.st_size) > kMaxBytes) {
    std::rename(path_.c_str(), (path_ + ".1").c_str());
  }
  const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, S_IRUSR | S_IWUSR);
  const bool written = file >= 0 && ::write(file, lines.data(), lines.size()) == static_cast<ssize_t>(lines.size());
  if (file >= 0) {
    ::fdatasync(file);
    ::close(file);
  }
  if (written) return;
  lost_.Add();
  log_.Error("audit.seal_lost", {{"path", path_}});
}

}  // namespace bongsu::audit
