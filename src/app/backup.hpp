// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Copies the data directory of the running server so that it can be restored as it was at one moment. The keys are not
/// in it. Format and order: docs/formats/backup.md.
///
///   Start ─▶ parts and journal are put aside as they are now (shared files, no copying) ─▶ file by file to the
///   backup's folder with a checksum, each a job of the blocking pool ─▶ manifest ─▶ done

#include <filesystem>
#include <functional>
#include <memory>

#include "app/keeper.hpp"
#include "runtime/shards.hpp"

namespace bongsu::app {

class Backup : public std::enable_shared_from_this<Backup> {
 public:
  struct House {
    runtime::Shards& shards;
    runtime::BlockingPool& pool;
    const journal::EmbeddedJournal& journal;
    const Clock& clock;
    const Log& log;
    std::filesystem::path data;
    Keeper& keeper;  ///< Nothing leaves the journal while it is put aside.
  };
  /// Puts one owner's state aside in a folder that does not exist yet. What it stands for must be in the journal.
  using PutAside = std::function<Result<void>(const std::filesystem::path& folder)>;

  explicit Backup(House house);

  /// A part restores to D/`path`. In order, before the journal. Before the first Start.
  void AddPart(std::string path, PutAside put_aside);

  /// On shard 0. @param to  absolute; does not exist or is an empty folder; outside the data directory
  /// @errors kConflict backup.running | backup.not_empty   kInvalidArgument backup.bad_folder
  Result<void> Start(const std::filesystem::path& to);
  /// On shard 0: {"state":"none|running|done|failed","to","bytes","bytes_total","files","made_at","message"}
  json::Value Status() const { return status_; }

 private:
  struct Job;
  using JobPtr = std::shared_ptr<Job>;
  void Queue(const JobPtr& job, std::function<Result<void>()> step, std::function<void()> then);
  Result<void> PutAllAside(Job& job) const;
  Result<void> CopyNext(Job& job) const;
  Result<void> Conclude(Job& job) const;
  void Next(const JobPtr& job);
  void Finish(const JobPtr& job, const Result<void>& done);
  void Show(const Job& job, std::string_view state, std::string_view message);

  House house_;
  std::vector<std::pair<std::string, PutAside>> parts_;
  json::Value status_;
  bool running_ = false;
};

/// Where a backup is put aside before it is copied.
std::filesystem::path StagingOf(const std::filesystem::path& data);

}  // namespace bongsu::app
