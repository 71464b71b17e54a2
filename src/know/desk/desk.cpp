// SPDX-License-Identifier: Apache-2.0
#include "know/desk/desk.hpp"

#include <algorithm>
#include <utility>

namespace bongsu::desk {
namespace {

constexpr auto kRetryFold = std::chrono::milliseconds{1000};
// A book that stays due must not keep the shard busy.
constexpr auto kLeastTimer = std::chrono::milliseconds{10};
constexpr auto kLongestTimer = std::chrono::milliseconds{60'000};

}  // namespace

/// The records of one act while it is proposed.
class Desk::Batch final : public DeskBatch {
 public:
  Batch(Desk& desk, std::string actor)
      : desk_{desk},
        actor_{std::move(actor)},
        now_{std::max(desk.house_.clock.Now(), desk.last_ingest_ + Duration{1})} {
    if (const std::size_t at = actor_.find('@'); at != std::string::npos) {
      from_ = actor_.substr(at + 1);
      actor_.resize(at);
    }
  }

  const model::Record& Add(model::Kind kind, std::string subject, std::string payload) override {
    model::Record& record = Make(kind, std::move(subject));
    record.payload = std::move(payload);
    Fold(record);
    return record;
  }

  void Audit(std::string_view action, std::string_view subject, const json::Value& details) override {
    model::Record& record = Make(model::Kind::kAudit, std::string(subject));
    json::Writer payload;
    payload.Object();
    payload.Key("action").String(action);
    payload.Key("subject").String(subject);
    payload.Key("actor").String(actor_);
    if (!from_.empty()) payload.Key("from").String(from_);
    payload.Key("details").Put(details);
    payload.End();
    record.payload = payload.Take();
    if (desk_.seal_) record.payload = desk_.seal_(record);
    Fold(record);
  }

  void CausedBy(model::Position cause) override { cause_ = cause; }
  TimePoint now() const override { return now_; }
  Duration InPlatformTime(Duration real) const override {
    return std::chrono::duration_cast<Duration>(real * desk_.house_.clock.scale());
  }
  std::uint16_t tenant() const override { return desk_.tenant_; }
  const std::string& actor() const override { return actor_; }

  const std::deque<model::Record>& records() const { return records_; }
  journal::Batch Take() {
    journal::Batch batch;
    batch.admission = model::Admission::kUrgent;
    batch.records.reserve(records_.size());
    for (model::Record& record : records_) batch.records.push_back({std::move(record), std::nullopt});
    return batch;
  }

 private:
  model::Record& Make(model::Kind kind, std::string subject) {
    model::Record& record = records_.emplace_back();  // a deque: earlier references stay good
    record.kind = kind;
    record.position = {desk_.partition(), desk_.next_seq_++};
    record.tenant = desk_.tenant_;
    record.ingest_time = desk_.last_ingest_ = std::max(now_, desk_.last_ingest_ + Duration{1});
    record.event_time = now_;
    record.source = "desk";
    record.subject = std::move(subject);
    record.actor = actor_;
    record.cause = cause_;
    return record;
  }
  void Fold(const model::Record& record) {
    for (Book* book : desk_.books_) book->Fold(record);
  }

  Desk& desk_;
  std::string actor_;
  std::string from_;  // address the act came from
  TimePoint now_;
  model::Position cause_;
  std::deque<model::Record> records_;
};

Desk::Desk(std::uint16_t tenant, House house)
    : tenant_{tenant},
      house_{std::move(house)},
      acts_{house_.metrics.Counter("bongsu_desk_acts_total", "Acts proposed to a desk.")},
      failed_{house_.metrics.Counter("bongsu_desk_failed_appends_total", "Desk batches the journal did not take.")},
      refolds_{
          house_.metrics.Counter("bongsu_desk_refolds_total", "Times a desk folded itself again from the journal.")},
      ticks_{house_.metrics.Counter("bongsu_desk_ticks_total", "Tick records of desks.")},
      seconds_{
          house_.metrics.Histogram("bongsu_desk_act_seconds", "Seconds in which an act was proposed and folded.")} {}

Desk::~Desk() = default;

void Desk::AddBook(Book& book) { books_.push_back(&book); }
void Desk::SetAuditSeal(AuditSeal seal) { seal_ = std::move(seal); }
void Desk::OnCommitted(Subscriber subscriber) { subscribers_.push_back(std::move(subscriber)); }

Result<Restored> Desk::Begin(std::uint64_t at_most) {
  if (house_.checkpoints != nullptr) return Restore(*house_.checkpoints, house_.journal, partition(), books_, at_most);
  for (Book* book : books_) book->Clear();
  return Restored{};
}

Result<void> Desk::FoldAll(std::uint64_t publish_after) {
  // A checkpoint of what was not published yet would swallow it.
  BONGSU_TRY(const Restored from, Begin(publish_after));
  checkpoint_seq_ = from.seq;
  next_seq_ = from.seq + 1;
  last_ingest_ = from.ingest_time;
  std::vector<model::Record> unpublished;
  const auto read = house_.journal.Read(partition(), next_seq_, [&](const model::Record& record) {
    for (Book* book : books_) book->Fold(record);
    next_seq_ = record.position.seq + 1;
    last_ingest_ = record.ingest_time;
    if (record.position.seq > publish_after) unpublished.push_back(record);
    return true;
  });
  if (!read) return tl::unexpected(read.error());
  // Seqs that void records used up are not given again.
  next_seq_ = std::max(next_seq_, house_.journal.RangeOf(partition()).last_seq + 1);
  Publish(unpublished);
  committed_seq_ = next_seq_ - 1;
  return {};
}

Result<void> Desk::Recover() {
  BONGSU_CHECK(FoldAll(UINT64_MAX));
  Arm();
  return {};
}

void Desk::Publish(std::span<const model::Record> records) {
  if (records.empty()) return;
  committed_seq_ = std::max(committed_seq_, records.back().position.seq);
  for (const Subscriber& subscriber : subscribers_) subscriber(records);
}

void Desk::Act(std::string actor, Propose propose, Answer answer) {
  if (pending_.size() + deferred_.size() >= kMaxPending) {
    answer(Fail(Code::kOverloaded, "desk.full", "{} acts are under way, at most {}", pending_.size() + deferred_.size(),
                kMaxPending));
    return;
  }
  if (broken_) {
    deferred_.push_back({std::move(actor), std::move(propose), std::move(answer), {}});
    return;
  }
  ActNow(std::move(actor), propose, std::move(answer));
}

void Desk::ActNow(std::string actor, const Propose& propose, Answer answer) {
  const auto begin = std::chrono::steady_clock::now();
  acts_.Add();
  Batch batch{*this, std::move(actor)};
  Result<json::Value> value = propose(batch);
  if (value) {
    if (auto reacted = React(batch); !reacted) value = tl::unexpected(std::move(reacted).error());
  }
  seconds_.Observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  if (!value) {
    const bool dirty = !batch.records().empty();
    if (dirty) Break(value.error().reason);
    if (answer) answer(std::move(value));
    if (dirty) Drain();
    return;
  }
  if (batch.records().empty() && pending_.empty()) {
    if (answer) answer(std::move(value));
    return;
  }
  const std::size_t count = batch.records().size();
  pending_.push_back({count, std::move(*value), std::move(answer), {}, {}});
  if (count == 0) return;
  ++in_flight_;
  house_.append.Append(batch.Take(), [this, alive = std::weak_ptr<bool>(alive_)](Result<journal::Committed> result) {
    if (!alive.expired()) OnDone(std::move(result));
  });
  Arm();
}

Result<void> Desk::React(Batch& batch) {
  for (std::size_t i = 0; i < batch.records().size(); ++i) {
    const model::Record& record = batch.records()[i];
    for (Book* book : books_) {
      batch.CausedBy(record.position);
      book->React(record, batch);
    }
    if (batch.records().size() > kMaxBatchRecords) {
      return Fail(Code::kInternal, "desk.runaway", "books went on reacting past {} records", kMaxBatchRecords);
    }
  }
  return {};
}

void Desk::OnDone(Result<journal::Committed> result) {
  --in_flight_;
  if (!result) {
    failed_.Add();
    if (!broken_) house_.log.Failure("desk.append_failed", result.error());
    Break(result.error().reason);
    // An act that found nothing to change looked at books that are now void.
    for (Pending& waiting : pending_) {
      if (waiting.records == 0 && waiting.answer && !waiting.error) waiting.error = result.error();
    }
  }
  // Appends end in order; in front of this one only looks can wait, and only while the books are broken.
  const auto act = std::find_if(pending_.begin(), pending_.end(), [](const Pending& one) { return one.records > 0; });
  BONGSU_ASSERT(act != pending_.end());
  Pending done = std::move(*act);
  pending_.erase(act);
  if (result) {
    Publish(**result);
    if (done.answer) done.answer(std::move(done.value));
  } else if (done.answer) {
    done.answer(tl::unexpected(std::move(result).error()));
  }
  Drain();
}

// Runs what waited for the acts in front of it; after a failure only once the books are whole again.
void Desk::Drain() {
  if (draining_) return;
  draining_ = true;
  do {
    if (broken_ && in_flight_ == 0) Mend();
    RunWaiting();
  } while (broken_ && in_flight_ == 0 && !mending_);  // a waiting act broke the books again
  draining_ = false;
}

void Desk::RunWaiting() {
  while (!broken_ && !pending_.empty() && pending_.front().records == 0) {
    Pending next = std::move(pending_.front());
    pending_.pop_front();
    if (next.look) next.look();
    if (next.answer && next.error) next.answer(tl::unexpected(std::move(*next.error)));
    if (next.answer && !next.error) next.answer(std::move(next.value));
  }
  while (!broken_ && !deferred_.empty()) {
    Deferred next = std::move(deferred_.front());
    deferred_.pop_front();
    if (next.look) {
      Read(std::move(next.look));
    } else {
      ActNow(std::move(next.actor), next.propose, std::move(next.answer));
    }
  }
}

void Desk::Break(std::string_view why) {
  if (broken_) return;
  broken_ = true;
  refolds_.Add();
  house_.log.Warn("desk.refold", {{"tenant", static_cast<std::int64_t>(tenant_)}, {"why", why}});
}

void Desk::Mend() {
  if (mending_) return;
  auto folded = FoldAll(committed_seq_);
  if (folded) {
    broken_ = mending_ = false;
    Arm();
    return;
  }
  house_.log.Failure("desk.refold_failed", folded.error());
  std::deque<Deferred> acts;
  acts.swap(deferred_);
  for (Deferred& act : acts) {
    if (act.look) {
      deferred_.push_back(std::move(act));
    } else if (act.answer) {
      act.answer(
          Fail(Code::kUnavailable, "desk.folding", "the desk could not be read back: {}", folded.error().message));
    }
  }
  mending_ = true;  // the timer tries again
  house_.after(kRetryFold, [this, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired()) return;
    mending_ = false;
    Drain();
  });
}

void Desk::Read(std::function<void()> look) {
  if (broken_) {
    deferred_.push_back({{}, {}, {}, std::move(look)});
  } else if (pending_.empty()) {
    look();
  } else {
    pending_.push_back({0, {}, {}, std::move(look), {}});
  }
}

void Desk::Arm() {
  TimePoint due = kNever;
  for (const Book* book : books_) due = std::min(due, book->NextDue());
  if (due == kNever || due >= armed_for_) return;
  armed_for_ = due;
  // Never closer than the least timer, so that a book that stays due cannot spin; far dues are looked at again on the
  // way.
  const auto virtual_wait = std::chrono::duration<double, std::milli>(due - house_.clock.Now()).count();
  const double real_ms = std::clamp(virtual_wait / house_.clock.scale(), static_cast<double>(kLeastTimer.count()),
                                    static_cast<double>(kLongestTimer.count()));
  house_.after(std::chrono::milliseconds{static_cast<std::int64_t>(real_ms) + 1},
               [this, alive = std::weak_ptr<bool>(alive_)] {
                 if (alive.expired()) return;
                 armed_for_ = kNever;
                 Wake();
               });
}

void Desk::Wake() {
  TimePoint due = kNever;
  for (const Book* book : books_) due = std::min(due, book->NextDue());
  if (broken_ || due > house_.clock.Now()) {
    Arm();
    return;
  }
  ticks_.Add();
  ActNow({},
         [this](DeskBatch& batch) -> Result<json::Value> {
           batch.Add(model::Kind::kTick, "", "{}");
           for (Book* book : books_) book->Tick(batch);
           return json::Value{};
         },
         {});
}

}  // namespace bongsu::desk
