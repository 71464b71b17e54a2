// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A desk for tests of guard/ and its handlers: books in memory, every batch durable at once, audit records chained.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "guard/audit/audit_book.hpp"
#include "know/desk/port.hpp"

namespace bongsu::audit {

class FakeAuditedDesk final : public desk::DeskPort {
 public:
  FakeAuditedDesk(const Clock& clock, std::uint16_t tenant) : clock_{clock}, tenant_{tenant} {}

  void Keep(desk::Book& book) { books_.push_back(&book); }
  void LinkAudit(desk::AuditSeal link) { link_ = std::move(link); }
  std::vector<model::Record>& records() { return records_; }
  /// The next Act is refused as an append below the disk's reserve would be.
  void RefuseNext() { refuse_ = true; }

  void Act(std::string actor, Propose propose, Answer answer) override {
    Batch batch{*this, std::move(actor)};
    const std::size_t first = records_.size();
    auto result = propose(batch);
    if (refuse_) result = Fail(Code::kUnavailable, "journal.unknown", "refused by the test");
    refuse_ = false;
    if (!result) {
      records_.resize(first);
      Refold();
    }
    if (answer) answer(std::move(result));
  }
  void Read(std::function<void()> look) override { look(); }

  void Tick() {
    Act({},
        [&](desk::DeskBatch& batch) {
          for (desk::Book* book : books_) book->Tick(batch);
          return Result<json::Value>{nullptr};
        },
        {});
  }
  void Refold() {
    for (desk::Book* book : books_) book->Clear();
    for (const model::Record& record : records_) {
      for (desk::Book* book : books_) book->Fold(record);
    }
  }

 private:
  class Batch final : public desk::DeskBatch {
   public:
    Batch(FakeAuditedDesk& desk, std::string actor) : desk_{desk}, actor_{std::move(actor)} {
      const std::size_t at = std::min(actor_.find('@'), actor_.size());
      from_ = actor_.substr(std::min(at + 1, actor_.size()));
      actor_.resize(at);
    }
    const model::Record& Add(model::Kind kind, std::string subject, std::string payload) override {
      last_ = Blank(kind, std::move(subject), std::move(payload));
      return Put();
    }
    void Audit(std::string_view action, std::string_view subject, const json::Value& details) override {
      json::Value payload;
      payload.Set("action", action);
      if (!from_.empty()) payload.Set("from", from_);
      payload.Set("details", details);
      last_ = Blank(model::Kind::kAudit, std::string(subject), json::ToString(payload));
      if (desk_.link_) last_.payload = desk_.link_(last_);
      Put();
    }
    TimePoint now() const override { return desk_.clock_.Now(); }
    std::uint16_t tenant() const override { return desk_.tenant_; }
    const std::string& actor() const override { return actor_; }

   private:
    model::Record Blank(model::Kind kind, std::string subject, std::string payload) const {
      model::Record record;
      record.kind = kind;
      record.tenant = desk_.tenant_;
      record.position = {model::DeskPartition(desk_.tenant_), desk_.records_.size() + 1};
      record.subject = std::move(subject);
      record.actor = actor_;
      record.source = "desk";
      record.event_time = now();
      record.ingest_time =
          desk_.records_.empty() ? now() : std::max(now(), desk_.records_.back().ingest_time + Duration{1});
      record.payload = std::move(payload);
      return record;
    }
    const model::Record& Put() {
      desk_.records_.push_back(last_);
      for (desk::Book* book : desk_.books_) book->Fold(last_);
      return last_;
    }
    FakeAuditedDesk& desk_;
    std::string actor_;
    std::string from_;
    model::Record last_;
  };

  const Clock& clock_;
  std::uint16_t tenant_;
  std::vector<desk::Book*> books_;
  std::vector<model::Record> records_;
  desk::AuditSeal link_;
  bool refuse_ = false;
};

/// The records of one desk as a journal.
class FakeDeskJournal final : public journal::JournalPort {
 public:
  explicit FakeDeskJournal(const std::vector<model::Record>& records) : records_{records} {}
  journal::AppendResult Append(std::span<model::Record>) override { return {}; }
  Result<std::uint64_t> Read(std::uint16_t partition, std::uint64_t from,
                             const std::function<bool(const model::Record&)>& visit) const override {
    std::uint64_t next = from;
    for (const model::Record& record : records_) {
      if (record.position.partition != partition || record.position.seq < from) continue;
      next = record.position.seq + 1;
      if (!visit(record)) break;
    }
    return next;
  }
  Result<model::Record> At(model::Position) const override {
    return Fail(Code::kNotFound, "journal.no_record", "none");
  }
  journal::Range RangeOf(std::uint16_t partition) const override {
    journal::Range range;
    for (const model::Record& record : records_) {
      if (record.position.partition == partition) range.last_seq = record.position.seq;
    }
    return range;
  }
  std::vector<std::uint16_t> Partitions() const override {
    return records_.empty() ? std::vector<std::uint16_t>{}
                            : std::vector<std::uint16_t>{records_.front().position.partition};
  }
  std::uint16_t partitions() const override { return 4; }
  Result<std::uint32_t> Claim(TimePoint) override { return 1; }

 private:
  const std::vector<model::Record>& records_;
};

}  // namespace bongsu::audit
