// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The only file with I/O: what lies in the folder, what is in a file, and where it goes. These block; they run in a
/// pool.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sense/connectors/file_drop/codec.hpp"

namespace bongsu::file_drop {

inline constexpr std::size_t kMaxNames = 10'000;  ///< Files of one look.

struct Dropped {
  std::uint64_t number = 0;
  std::string name;
  std::uint64_t bytes = 0;
  std::int64_t written_at = 0;  ///< Of the file system, in its own unit: only compared.
  bool operator==(const Dropped&) const = default;
};

class Folder {
 public:
  Folder(std::string path, NamePattern pattern) : path_{std::move(path)}, pattern_{std::move(pattern)} {}

  const std::string& path() const { return path_; }
  std::string_view content_type() const { return pattern_.content_type(); }

  /// The files that lie there, lowest number first; the lowest `most` when there are more. @errors kUnavailable
  /// file_drop.no_folder
  Result<std::vector<Dropped>> List(std::size_t most = kMaxNames) const;
  /// The highest number in done/ and refused/. @errors kUnavailable file_drop.no_folder
  Result<std::optional<std::uint64_t>> Last() const;
  /// @errors kTooLarge file_drop.too_large, kUnavailable file_drop.cannot_read
  Result<std::string> Read(const std::string& name) const;
  /// Into done/ or refused/, in place of one of the same name. @errors kUnavailable file_drop.cannot_move
  Result<void> Move(const std::string& name, const std::string& to) const;

 private:
  std::string path_;
  NamePattern pattern_;
};

}  // namespace bongsu::file_drop
