// SPDX-License-Identifier: Apache-2.0
#include "know/journal/embedded/disk_reserve.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace bongsu::journal {

DiskReserve::DiskReserve(std::filesystem::path folder, DiskLimits limits)
    : folder_{std::move(folder)}, ballast_{folder_ / "ballast"}, limits_{std::move(limits)} {
  // A small reserve must not lie below the floor, or urgent writes would stop with the others.
  limits_.floor_bytes = std::min(limits_.floor_bytes, limits_.reserve_bytes / 2);
}

std::uint64_t DiskReserve::FreeBytes() const {
  if (limits_.free_bytes) return limits_.free_bytes();
  struct statvfs stats{};
  // Not knowing must not stop the house; the engine's own errors still do.
  if (::statvfs(folder_.c_str(), &stats) != 0) return UINT64_MAX;
  return static_cast<std::uint64_t>(stats.f_bavail) * stats.f_frsize;
}

DiskRoom DiskReserve::Room() const {
  const std::uint64_t free = FreeBytes();
  if (free < limits_.floor_bytes) return DiskRoom::kNone;
  return free < limits_.reserve_bytes ? DiskRoom::kUrgentOnly : DiskRoom::kPlenty;
}

bool DiskReserve::FreeBallast() const {
  std::error_code error;
  return FreeBytes() < limits_.floor_bytes && std::filesystem::remove(ballast_, error);
}

void DiskReserve::LayBallast() const {
  std::error_code error;
  if (limits_.ballast_bytes == 0 || std::filesystem::exists(ballast_, error)) return;
  if (FreeBytes() < limits_.reserve_bytes + limits_.ballast_bytes) return;
  const int file = ::open(ballast_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
  if (file < 0) return;
  const bool laid = ::posix_fallocate(file, 0, static_cast<off_t>(limits_.ballast_bytes)) == 0;
  ::close(file);
  if (!laid) std::filesystem::remove(ballast_, error);
}

}  // namespace bongsu::journal
