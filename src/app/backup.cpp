// SPDX-License-Identifier: Apache-2.0
#include "app/backup.hpp"

#include <unistd.h>

#include <deque>
#include <fstream>

#include "app/backup_manifest.hpp"
#include "app/commands.hpp"

namespace bongsu::app {

namespace fs = std::filesystem;

struct Backup::Job {
  fs::path to;
  fs::path staging;
  std::deque<std::string> left;  // paths below staging
  BackupManifest manifest;
  std::uint64_t bytes = 0;
  std::uint64_t bytes_total = 0;
};

fs::path StagingOf(const fs::path& data) { return data / "checkpoints" / "backup"; }

Backup::Backup(House house) : house_{std::move(house)} { status_.Set("state", "none"); }

void Backup::AddPart(std::string path, PutAside put_aside) {
  parts_.emplace_back(std::move(path), std::move(put_aside));
}

Result<void> Backup::Start(const fs::path& to) {
  if (running_) return Fail(Code::kConflict, "backup.running", "a backup to {} is under way", status_["to"].AsString());
  std::error_code error;
  const fs::path place = fs::weakly_canonical(to, error);
  const fs::path data = fs::weakly_canonical(house_.data, error);
  const auto relative = place.lexically_relative(data);
  if (!to.is_absolute() || relative.empty() || *relative.begin() != "..")
    return Fail(Code::kInvalidArgument, "backup.bad_folder", "'{}' is not a folder outside {}", to.string(),
                data.string());
  if (fs::exists(place, error) && !(fs::is_directory(place, error) && fs::is_empty(place, error)))
    return Fail(Code::kConflict, "backup.not_empty", "'{}' is there already; a backup gets a folder of its own",
                to.string());
  auto job = std::make_shared<Job>();
  job->to = place;
  job->staging = StagingOf(house_.data);
  job->manifest.program = kVersion;
  running_ = true;
  Show(*job, "running", {});
  Queue(job, [this, job] { return PutAllAside(*job); }, [this, job] { Next(job); });
  return {};
}

/// `step` on the pool, then `then` on shard 0, or the end.
void Backup::Queue(const JobPtr& job, std::function<Result<void>()> step, std::function<void()> then) {
  const bool taken = house_.pool.Run([self = shared_from_this(), job, step = std::move(step), then = std::move(then)] {
    auto done = step();
    self->house_.shards.Post(0, [self, job, done = std::move(done), then] {
      if (!done) return self->Finish(job, done);
      then();
    });
  });
  if (!taken) Finish(job, Fail(Code::kOverloaded, "backup.busy", "the blocking pool is full; try again later"));
}

/// Each part stands for records that the journal, put aside last, holds; and none leave it in between.
Result<void> Backup::PutAllAside(Job& job) const {
  std::error_code error;
  fs::remove_all(job.staging, error);  // of a backup that was cut off
  fs::create_directories(job.staging, error);
  if (error) return Fail(Code::kUnavailable, "backup.io", "{}: {}", job.staging.string(), error.message());
  const Keeper::Pause nothing_leaves{house_.keeper};
  if (!nothing_leaves.holds()) return Fail(Code::kUnavailable, "backup.stopping", "the server stops");
  for (const auto& [path, put_aside] : parts_) {
    fs::create_directories((job.staging / path).parent_path(), error);
    BONGSU_CHECK(put_aside(job.staging / path));
  }
  job.manifest.made_at = house_.clock.Now();
  BONGSU_TRY(const auto acked, house_.journal.CopyTo(job.staging / "journal"));
  for (const auto& [partition, seq] : acked) job.manifest.positions.push_back({partition, seq});
  BONGSU_TRY(const auto files, FilesBelow(job.staging));
  for (const std::string& file : files) {
    job.left.push_back(file);
    job.bytes_total += fs::file_size(job.staging / file, error);
  }
  return {};
}

void Backup::Next(const JobPtr& job) {
  Show(*job, "running", {});
  if (job->left.empty()) {
    Queue(job, [this, job] { return Conclude(*job); }, [this, job] { Finish(job, {}); });
  } else {
    Queue(job, [this, job] { return CopyNext(*job); }, [this, job] { Next(job); });
  }
}

Result<void> Backup::CopyNext(Job& job) const {
  const std::string path = std::move(job.left.front());
  job.left.pop_front();
  BONGSU_TRY(BackupManifest::File file, CopyFile(job.staging / path, job.to / path));
  file.path = path;
  job.bytes += file.bytes;
  job.manifest.files.push_back(std::move(file));
  return {};
}

Result<void> Backup::Conclude(Job& job) const {
  const fs::path draft = job.staging / kManifestName;
  std::ofstream out(draft, std::ios::binary);
  out << ToText(job.manifest);
  out.close();
  if (!out) return Fail(Code::kUnavailable, "backup.io", "{} cannot be written", draft.string());
  ::sync();  // the folders of what was copied, before the manifest says that it is all there
  BONGSU_CHECK(CopyFile(draft, job.to / kManifestName));
  ::sync();
  return {};
}

void Backup::Finish(const JobPtr& job, const Result<void>& done) {
  running_ = false;
  std::error_code ignored;
  fs::remove_all(job->staging, ignored);
  if (!done) {
    house_.log.Failure("backup.failed", done.error());
    return Show(*job, "failed", done.error().message);
  }
  house_.log.Info("backup.made", {{"to", job->to.string()}, {"bytes", static_cast<std::int64_t>(job->bytes)}});
  Show(*job, "done", {});
}

void Backup::Show(const Job& job, std::string_view state, std::string_view message) {
  status_ = json::Object{{"state", state},
                         {"to", job.to.string()},
                         {"bytes", job.bytes},
                         {"bytes_total", job.bytes_total},
                         {"files", static_cast<std::int64_t>(job.manifest.files.size())}};
  if (job.manifest.made_at != TimePoint{}) status_.Set("made_at", FormatUtc(job.manifest.made_at));
  if (!message.empty()) status_.Set("message", message);
}

}  // namespace bongsu::app
