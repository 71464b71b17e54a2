// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A journal for the gate's tests: gives out seqs and times and answers at once, later (hold) or with an error. One
/// shard.

#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "know/journal/port.hpp"

namespace bongsu::ingest {

class FakeAppend final : public journal::AppendPort {
 public:
  explicit FakeAppend(const Clock& clock) : clock_{clock} {}

  void Append(journal::Batch batch, journal::AppendDone done) override {
    if (fail_with) return done(tl::unexpected<Error>(*fail_with));
    auto records = std::make_shared<std::vector<model::Record>>();
    for (journal::NewRecord& fresh : batch.records) {
      fresh.record.position.seq = ++seqs_[fresh.record.position.partition];
      fresh.record.ingest_time = clock_.Now();
      if (fresh.cause_in_batch) fresh.record.cause = (*records)[*fresh.cause_in_batch].position;
      records->push_back(std::move(fresh.record));
    }
    ++batches;
    auto commit = [this, records, done = std::move(done)] {
      log.insert(log.end(), records->begin(), records->end());
      done(journal::Committed{records});
    };
    if (hold) {
      held_.push_back(std::move(commit));
    } else {
      commit();
    }
  }
  std::uint16_t partitions() const override { return 16; }

  void Release() {
    for (const auto& commit : std::exchange(held_, {})) commit();
  }
  std::size_t held() const { return held_.size(); }

  std::vector<model::Record> log;
  std::size_t batches = 0;
  bool hold = false;
  std::optional<Error> fail_with;

 private:
  const Clock& clock_;
  std::map<std::uint16_t, std::uint64_t> seqs_;
  std::vector<std::function<void()>> held_;
};

}  // namespace bongsu::ingest
