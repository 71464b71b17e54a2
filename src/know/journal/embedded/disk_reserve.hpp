// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Keeps the engine from ever seeing a full disk (architecture D14): Debian's librocksdb 7.8.3 aborts the process on
/// one. Below the reserve only urgent writes go on, below the floor none. A ballast file is given up at start when even
/// recovery would not fit, and laid down again when there is room.

#include <cstdint>
#include <filesystem>
#include <functional>

#include "know/journal/port.hpp"

namespace bongsu::journal {

struct DiskLimits {
  std::uint64_t reserve_bytes = 1ULL << 30U;    ///< Free space below which only class 0 is written.
  std::uint64_t floor_bytes = 128ULL << 20U;    ///< Free space below which nothing is written.
  std::uint64_t ballast_bytes = 128ULL << 20U;  ///< 0: no ballast.
  /// Free bytes for ordinary users on the file system of a folder; empty: statvfs. Tests set it.
  std::function<std::uint64_t()> free_bytes;
};

class DiskReserve {
 public:
  DiskReserve(std::filesystem::path folder, DiskLimits limits);

  std::uint64_t FreeBytes() const;
  DiskRoom Room() const;
  /// Before the engine opens: gives the ballast up when free space is below the floor. True when it did.
  bool FreeBallast() const;
  /// After the engine opened: lays the ballast down when that leaves the reserve free.
  void LayBallast() const;

 private:
  std::filesystem::path folder_;
  std::filesystem::path ballast_;
  DiskLimits limits_;
};

}  // namespace bongsu::journal
