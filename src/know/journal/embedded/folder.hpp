// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The journal's folder around the engine: its lock and the file that says how it was made.

#include <filesystem>

#include "base/result.hpp"

namespace bongsu::journal {

/// Holds a folder for one process, until it is destroyed or the process dies.
class FolderLock {
 public:
  /// @errors kConflict journal.locked (names the process that has it) | kUnavailable journal.io
  static Result<FolderLock> Take(const std::filesystem::path& folder);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;
  ~FolderLock();

 private:
  explicit FolderLock(int file) : file_{file} {}
  int file_;
};

/// Reads `<folder>/meta.json`. @errors kNotFound journal.none | kCorrupt journal.bad_meta | kNotSupported
/// journal.version
Result<std::uint16_t> ReadPartitionCount(const std::filesystem::path& folder);
/// Writes it whole or not at all. @errors kUnavailable journal.io
Result<void> WritePartitionCount(const std::filesystem::path& folder, std::uint16_t partitions);

}  // namespace bongsu::journal
