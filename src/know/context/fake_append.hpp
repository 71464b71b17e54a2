// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The fake of AppendPort for tests: gives out seqs and rising ingest times, hands the records to a fold, then answers.

#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "know/journal/port.hpp"

namespace bongsu::context {

class FakeAppend final : public journal::AppendPort {
 public:
  using Deliver = std::function<void(const model::Record&)>;
  explicit FakeAppend(Deliver deliver, std::uint16_t partitions = 16)
      : deliver_{std::move(deliver)}, partitions_{partitions} {}

  void Append(journal::Batch batch, journal::AppendDone done) override {
    if (fail_with) {
      done(tl::unexpected<Error>(*fail_with));
      return;
    }
    std::vector<model::Record> records;
    for (auto& fresh : batch.records) {
      fresh.record.position.seq = ++seqs_[fresh.record.position.partition];
      now_ += Duration{1};
      fresh.record.ingest_time = now_;
      records.push_back(std::move(fresh.record));
    }
    auto committed = std::make_shared<const std::vector<model::Record>>(std::move(records));
    if (hold) {
      held_.emplace_back(std::move(committed), std::move(done));
    } else {
      Commit(committed, done);
    }
  }

  /// Commits what was held back, oldest first.
  void Release() {
    auto held = std::exchange(held_, {});
    for (auto& [committed, done] : held) Commit(committed, done);
  }

  std::uint16_t partitions() const override { return partitions_; }
  void set_now(TimePoint now) { now_ = now; }
  std::size_t held() const { return held_.size(); }
  const std::vector<model::Record>& log() const { return log_; }

  bool hold = false;
  std::optional<Error> fail_with;

 private:
  void Commit(const journal::Committed& committed, const journal::AppendDone& done) {
    for (const auto& record : *committed) {
      log_.push_back(record);
      deliver_(record);
    }
    done(committed);
  }

  Deliver deliver_;
  std::uint16_t partitions_;
  std::map<std::uint16_t, std::uint64_t> seqs_;
  TimePoint now_ = FromMicros(1'764'000'000'000'000);
  std::vector<std::pair<journal::Committed, journal::AppendDone>> held_;
  std::vector<model::Record> log_;
};

}  // namespace bongsu::context
