// SPDX-License-Identifier: Apache-2.0
#pragma once

/// `bongsu backup` asks the running server for a backup; `bongsu restore` makes a data directory of one, without a
/// server. Exit codes: 0 ok, 1 finding, 2 usage, 4 corrupt.

#include <filesystem>
#include <span>
#include <string>

#include "base/json.hpp"

namespace bongsu::app {

/// `bongsu backup --data D --to DIR [--json]`
int RunBackup(std::span<const std::string> args);
/// `bongsu restore --from DIR --data D [--keys K] [--erased FILE] [--json]`
int RunRestore(std::span<const std::string> args);

/// What was erased since a backup was made.
struct ErasedSince {
  std::string keys;    ///< Keys folder that the server will have; it need not be there yet.
  std::string erased;  ///< A list of erased keys (guard/sealing/erased_list.hpp); empty: only what `keys` says.
};

/// Checks everything in `from` before it writes anything, destroys keys that were erased in the keys folder, then makes
/// `data` appear whole or not at all.
/// @returns {"data","made_at","records","files","bytes","outbox":"held","erased"}
/// @errors kNotFound backup.none   kConflict restore.not_empty   kDiskFull backup.no_room
///         kCorrupt backup.bad_file | backup.missing | restore.bad_journal and those of ManifestFromText
///         those of KeyFile and ReadErasedList
Result<json::Value> Restore(const std::filesystem::path& from, const std::filesystem::path& data,
                            const ErasedSince& since);
/// The list of erased keys that a restore leaves for the first start.
std::filesystem::path ErasedListOf(const std::filesystem::path& data);

/// The mark that a restore leaves: every outbox begins held.
std::filesystem::path RestoredMarkOf(const std::filesystem::path& data);

}  // namespace bongsu::app
