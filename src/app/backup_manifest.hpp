// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What a backup says about itself: docs/formats/backup.md. It is written last, so a folder without it is no backup.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace bongsu::app {

struct BackupManifest {
  struct File {
    std::string path;  ///< Below the backup's folder, with '/'.
    std::uint64_t bytes = 0;
    Hash128 hash;
    friend bool operator==(const File&, const File&) = default;
  };
  struct Position {
    std::uint16_t partition = 0;
    std::uint64_t last_seq = 0;  ///< Everything up to it was acknowledged and is in the backup.
    friend bool operator==(const Position&, const Position&) = default;
  };
  TimePoint made_at{};  ///< Platform time.
  std::string program;  ///< Version that made it.
  std::vector<Position> positions;
  std::vector<File> files;
};

inline constexpr std::string_view kManifestName = "manifest.json";

/// One line of JSON and one with its hash.
std::string ToText(const BackupManifest& manifest);
/// @errors kCorrupt backup.bad_manifest   kNotSupported backup.version
Result<BackupManifest> ManifestFromText(std::string_view text);

/// Copies a file and says what was copied; what is there is replaced. On disk when it returns.
/// @errors kUnavailable backup.io, kDiskFull backup.no_room
Result<BackupManifest::File> CopyFile(const std::filesystem::path& from, const std::filesystem::path& to);
/// Reads a file and says what it holds.
Result<BackupManifest::File> LookAtFile(const std::filesystem::path& file);
/// Every regular file below `folder`, paths below it, in order.
Result<std::vector<std::string>> FilesBelow(const std::filesystem::path& folder);

}  // namespace bongsu::app
