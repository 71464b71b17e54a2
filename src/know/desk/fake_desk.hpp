// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A desk for tests: books in memory, every batch durable at once, time by hand. Books react as on the real desk:
/// after the proposal, to one record after the other.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "know/desk/port.hpp"

namespace bongsu::desk {

class FakeDesk final : public DeskPort {
 public:
  /// @param clock_scale  platform seconds in a second of the people (Clock::scale)
  explicit FakeDesk(TimePoint now, double clock_scale = 1.0) : clock_{now}, clock_scale_{clock_scale} {}

  void Keep(Book& book) { books_.push_back(&book); }
  ManualClock& clock() { return clock_; }
  const std::vector<model::Record>& records() const { return records_; }
  /// {action, subject} in order.
  const std::vector<std::pair<std::string, std::string>>& audits() const { return audits_; }
  /// Called with each record before its act is answered, as a live listener is.
  void OnCommitted(std::function<void(const model::Record&)> listener) { listeners_.push_back(std::move(listener)); }

  void Act(std::string actor, Propose propose, Answer answer) override {
    Batch batch{*this, std::move(actor)};
    const std::size_t first = records_.size();
    auto result = propose(batch);
    for (std::size_t i = first; result && i < records_.size(); ++i) {
      const model::Record record = records_[i];
      for (Book* book : books_) book->React(record, batch);
    }
    if (!result) {
      records_.resize(first);
      Refold();
    }
    const std::vector<model::Record> committed(records_.begin() + static_cast<std::ptrdiff_t>(first), records_.end());
    for (const model::Record& record : committed) {
      for (const auto& listener : listeners_) listener(record);
    }
    if (answer) answer(std::move(result));
  }
  void Read(std::function<void()> look) override { look(); }

  /// Act with its answer.
  Result<json::Value> Do(Propose propose, std::string actor = {}) {
    Result<json::Value> result = Fail(Code::kInternal, "desk.no_answer", "no answer");
    Act(std::move(actor), std::move(propose), [&](Result<json::Value> answer) { result = std::move(answer); });
    return result;
  }
  /// Lets time pass and the books tick when they are due.
  void Advance(Duration by) {
    const TimePoint until = clock_.Now() + by;
    for (;;) {
      TimePoint due = kNever;
      for (const Book* book : books_) due = std::min(due, book->NextDue());
      if (due > until) break;
      clock_.Set(std::max(clock_.Now(), due));
      (void)Do([&](DeskBatch& batch) {
        for (Book* book : books_) book->Tick(batch);
        return Result<json::Value>{nullptr};
      });
    }
    clock_.Set(until);
  }
  /// Empties the books and folds everything again, as a restart does.
  void Refold() {
    for (Book* book : books_) book->Clear();
    for (const model::Record& record : records_) {
      for (Book* book : books_) book->Fold(record);
    }
  }

 private:
  class Batch final : public DeskBatch {
   public:
    Batch(FakeDesk& desk, std::string actor) : desk_{desk}, actor_{std::move(actor)} {}
    const model::Record& Add(model::Kind kind, std::string subject, std::string payload) override {
      model::Record record;
      record.kind = kind;
      record.position = {model::DeskPartition(tenant()), desk_.records_.size() + 1};
      record.subject = std::move(subject);
      record.payload = std::move(payload);
      record.actor = actor_;
      record.source = "desk";
      record.event_time = record.ingest_time = now();
      desk_.records_.push_back(record);
      for (Book* book : desk_.books_) book->Fold(record);
      return last_ = std::move(record);
    }
    void Audit(std::string_view action, std::string_view subject, const json::Value&) override {
      desk_.audits_.emplace_back(action, subject);
    }
    TimePoint now() const override { return desk_.clock_.Now(); }
    Duration InPlatformTime(Duration real) const override {
      return std::chrono::duration_cast<Duration>(real * desk_.clock_scale_);
    }
    std::uint16_t tenant() const override { return 1; }
    const std::string& actor() const override { return actor_; }

   private:
    FakeDesk& desk_;
    std::string actor_;
    model::Record last_;
  };

  ManualClock clock_;
  double clock_scale_;
  std::vector<Book*> books_;
  std::vector<model::Record> records_;
  std::vector<std::pair<std::string, std::string>> audits_;
  std::vector<std::function<void(const model::Record&)>> listeners_;
};

}  // namespace bongsu::desk
