// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/file_drop/link.hpp"

#include <algorithm>
#include <utility>

namespace bongsu::file_drop {
namespace {

Counter& FileCounter(const ingest::ConnectorDeps& deps, const ingest::SourceConfig& source, std::string_view outcome) {
  return deps.metrics.Counter(
      "bongsu_sense_file_drop_files_total", "Files of one-way links by what became of them.",
      fmt::format("tenant=\"{}\",source=\"{}\",outcome=\"{}\"", source.tenant, source.id, outcome));
}

}  // namespace

Link::Link(const ingest::ConnectorDeps& deps, runtime::BlockingPool& pool, std::size_t shard,
           std::shared_ptr<ingest::Source> source, Folder folder)
    : deps_{deps},
      pool_{pool},
      shard_{shard},
      source_{std::move(source)},
      options_{ingest::OptionsOf<SourceOptions>(source_->config)},
      folder_{std::move(folder)},
      done_{FileCounter(deps, source_->config, "done")},
      refused_{FileCounter(deps, source_->config, "refused")},
      never_came_{FileCounter(deps, source_->config, "missing")} {}

void Link::Start() {
  deps_.shards.Post(shard_, [self = shared_from_this()] { self->Look(); });
}

template <class Work, class Next>
void Link::InPool(Work work, Next next) {
  const bool taken = pool_.Run([self = shared_from_this(), work = std::move(work), next = std::move(next)]() mutable {
    auto result = std::make_shared<decltype(work())>(work());
    self->deps_.shards.Post(self->shard_, [self, result, next = std::move(next)] {
      if (!self->stopped_) next(std::move(*result));
    });
  });
  if (!taken) LookLater();
}

void Link::LookLater() {
  waiting_.clear();
  const auto pause = std::max(std::chrono::duration_cast<std::chrono::milliseconds>(options_.look_every),
                              std::chrono::milliseconds{10});
  deps_.shards.After(shard_, pause, [self = shared_from_this()] { self->Look(); });
}

void Link::Look() {
  if (stopped_) return;
  InPool(
      [folder = folder_, begun = begun_]() -> Result<Looked> {
        Looked looked;
        if (!begun) {
          BONGSU_TRY(looked.last, folder.Last());
        }
        BONGSU_TRY(looked.files, folder.List());
        return looked;
      },
      [this](Result<Looked> looked) { OnLooked(std::move(looked)); });
}

void Link::OnLooked(Result<Looked> looked) {
  if (!looked) {
    Complain(looked.error(), true);
    return LookLater();
  }
  if (broken_.exchange(false)) deps_.log.Info("file_drop.folder_back", {{"source", source_->config.id}});
  if (!begun_) {
    begun_ = true;
    sequence_ = Sequence{looked->last};
    next_ = sequence_.next().value_or(0);
  }
  waiting_.clear();
  for (const Dropped& file : looked->files) {
    const auto before = seen_.find(file.name);
    if (before == seen_.end() || before->second != file) break;  // still being written: what comes after it waits too
    waiting_.push_back(file);
  }
  seen_.clear();
  for (Dropped& file : looked->files) seen_.emplace(file.name, std::move(file));
  Choose();
}

void Link::Choose() {
  if (stopped_) return;
  if (waiting_.empty()) return LookLater();
  const Dropped& file = waiting_.front();
  const bool told = std::exchange(told_, file.name) == file.name;  // it is tried again: nothing new to say
  switch (sequence_.Look(file.number, std::chrono::steady_clock::now(), options_.gap_after)) {
    case Sequence::Step::kWait:
      told_.clear();
      return LookLater();
    case Sequence::Step::kGap:
      if (!told)
        Complain({Code::kUnavailable, "file_drop.gap",
                  fmt::format("files of number {} did not come; '{}' is taken without them",
                              sequence_.GapBefore(file.number), file.name)});
      break;
    case Sequence::Step::kAgain:
      if (!told)
        Complain({Code::kConflict, "file_drop.again",
                  fmt::format("'{}': number {} was taken before", file.name, file.number)});
      break;
    case Sequence::Step::kTake:
    case Sequence::Step::kLate:
      break;
  }
  InPool(
      [folder = folder_, name = file.name, header = options_.header]() -> Messages {
        BONGSU_TRY(std::string body, folder.Read(name));
        return Rows(folder.content_type(), header, std::move(body));
      },
      [this](Messages messages) { Give(std::move(messages)); });
}

void Link::Give(Messages messages) {
  if (!messages) {
    Complain(messages.error());
    return MoveTo("refused");
  }
  if (messages->empty()) return MoveTo("done");
  ingest::Delivery delivery;
  delivery.rows = *std::move(messages);
  delivery.topic = waiting_.front().name;
  delivery.format = folder_.content_type();
  deps_.gate.Submit(source_, std::move(delivery), [self = shared_from_this()](ingest::Outcome outcome) {
    self->deps_.shards.Post(self->shard_, [self, outcome = std::move(outcome)] { self->OnSettled(outcome); });
  });
}

void Link::OnSettled(const ingest::Outcome& outcome) {
  if (stopped_) return;
  if (outcome.again) return LookLater();  // the file stays; what is on disk of it already is a repeat then
  MoveTo(outcome.refused > 0 ? "refused" : "done");
}

void Link::MoveTo(const char* folder) {
  const bool done = std::string_view{folder} == "done";
  InPool([from = folder_, name = waiting_.front().name, folder] { return from.Move(name, folder); },
         [this, done](const Result<void>& moved) { OnMoved(moved, done); });
}

void Link::OnMoved(const Result<void>& moved, bool done) {
  if (!moved) {
    Complain(moved.error(), true);
    return LookLater();
  }
  (done ? done_ : refused_).Add();
  const std::uint64_t before = sequence_.missing();
  seen_.erase(waiting_.front().name);
  sequence_.Take(waiting_.front().number);
  if (sequence_.missing() > before) never_came_.Add(sequence_.missing() - before);
  next_ = sequence_.next().value_or(0);
  missing_ = sequence_.missing();
  waiting_.pop_front();
  told_.clear();
  Choose();
}

void Link::Complain(const Error& error, bool of_folder) {
  if (of_folder && broken_.exchange(true)) return;  // said once until it is well again
  deps_.log.Warn("file_drop.trouble",
                 {{"source", source_->config.id}, {"reason", error.reason}, {"detail", error.message}});
  deps_.gate.Report(source_, error);
}

void Link::Describe(ingest::ConnectorStatus& status) const {
  status.address = fmt::format("{}/{}", folder_.path(), options_.files);
  if (const auto next = next_.load(); next > 0) status.address += fmt::format(" · {}", next);
  status.counts.dropped += missing_.load();
  if (broken_) status.state = "error";
}

}  // namespace bongsu::file_drop
