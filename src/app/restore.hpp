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
/// `bongsu restore --from DIR --data D [--json]`
int RunRestore(std::span<const std::string> args);

/// Checks everything in `from` before it writes anything, then makes `data` appear whole or not at all.
/// @returns {"data","made_at","records","files","bytes","outbox":"held"}
/// @errors kNotFound backup.none   kConflict restore.not_empty   kDiskFull backup.no_room
///         kCorrupt backup.bad_file | backup.missing | restore.bad_journal and those of ManifestFromText
Result<json::Value> Restore(const std::filesystem::path& from, const std::filesystem::path& data);

/// The mark that a restore leaves: every outbox begins held.
std::filesystem::path RestoredMarkOf(const std::filesystem::path& data);

}  // namespace bongsu::app
