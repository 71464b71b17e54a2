// SPDX-License-Identifier: Apache-2.0
#include "guard/audit/chain_watch.hpp"

namespace bongsu::audit {

json::Value ToJson(const ChainState& state) {
  json::Value value;
  value.Set("ok", state.ok);
  value.Set("at", FormatUtc(state.at));
  value.Set("records", state.records);
  if (state.first_bad) {
    json::Value bad;
    bad.Set("seq", state.first_bad->position.seq);
    bad.Set("reason", state.first_bad->reason);
    value.Set("first_bad", std::move(bad));
  }
  return value;
}

void ChainWatch::Ask(std::function<void(Result<ChainState>)> done) {
  parts_.shards.Post(shard_, [self = shared_from_this(), done = std::move(done)] {
    const auto now = std::chrono::steady_clock::now();
    if (self->last_ && now - self->last_run_ < kFresh) return done(*self->last_);
    if (self->waiting_.size() >= kMaxWaiting)
      return done(Fail(Code::kOverloaded, "audit.busy", "the chain is being verified; try again"));
    self->waiting_.push_back(done);
    if (!self->running_) self->Run();
  });
}

void ChainWatch::Run() {
  running_ = true;
  const TimePoint at = parts_.clock.Now();
  const bool queued = parts_.pool.Run([self = shared_from_this(), at] {
    auto report = VerifyTenant(self->parts_.journal, self->parts_.crypto, self->parts_.open_key, {}, self->tenant_);
    self->parts_.shards.Post(self->shard_, [self, at, report = std::move(report)] {
      if (!report) return self->Answer(tl::unexpected<Error>(report.error()));
      self->last_ = ChainState{report->IsOk(), at, report->records, report->first_bad};
      self->last_run_ = std::chrono::steady_clock::now();
      self->Answer(*self->last_);
    });
  });
  if (!queued) Answer(Fail(Code::kOverloaded, "audit.busy", "too much work is waiting; try again in a few seconds"));
}

void ChainWatch::Answer(const Result<ChainState>& result) {
  running_ = false;
  auto waiting = std::move(waiting_);
  waiting_.clear();
  for (const auto& done : waiting) done(result);
}

}  // namespace bongsu::audit
