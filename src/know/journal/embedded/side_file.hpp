// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Lower bound of the acknowledged seq per partition, beside the engine (architecture D14): an engine that recovers
/// less has lost acknowledged records. Two files take turns, so that one is always whole on disk whatever tears the
/// other. Layout: docs/formats/data-directory.md.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string_view>

#include "base/result.hpp"

namespace bongsu::journal {

using AckedSeqs = std::map<std::uint16_t, std::uint64_t>;

class SideFile {
 public:
  struct Loaded {
    AckedSeqs acked;
    std::uint64_t generation = 0;  ///< 0: neither file holds a whole table.
    bool present = false;          ///< At least one of the files is there.
  };
  /// The table in the bytes of one file; generation 0 when they hold no whole one.
  static Loaded Parse(std::string_view bytes);
  /// Newest whole table of the two files `<base>.a` and `<base>.b`.
  static Loaded Load(const std::filesystem::path& base);

  /// @errors kUnavailable journal.side_file
  static Result<SideFile> Open(const std::filesystem::path& base, std::uint64_t generation);

  SideFile(SideFile&& other) noexcept;
  SideFile& operator=(SideFile&& other) noexcept;
  ~SideFile();

  /// Puts `acked` where a killed process cannot lose it (the page cache).
  Result<void> Write(const AckedSeqs& acked);
  /// Puts what was written where a power cut cannot lose it; then the other file takes over.
  Result<void> Sync();
  bool dirty() const { return dirty_; }

 private:
  SideFile() = default;
  int files_[2] = {-1, -1};
  std::uint64_t generation_ = 0;
  int current_ = 0;  // the file that may be torn; the other one is synced
  bool dirty_ = false;
};

}  // namespace bongsu::journal
