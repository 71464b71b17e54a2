// SPDX-License-Identifier: Apache-2.0
#include "know/context/writer.hpp"

#include <algorithm>
#include <utility>

namespace bongsu::context {

struct Writer::Batch {
  struct Appended {
    std::size_t place;  // of its outcome
    std::string key;
  };
  std::vector<Result<WriteOutcome>> outcomes;
  std::vector<Appended> appended;  // in the order of the records
  BatchDone done;
};

Writer::Writer(Context& context, journal::AppendPort& append, const Clock& clock)
    : context_{context}, append_{append}, clock_{clock} {
  context_.set_busy([this](std::uint16_t tenant, const std::string& id) {
    const std::string key = context::KeyOf(tenant, id);
    return pending_.contains(key) || awaited_.contains(key);
  });
}

void Writer::Write(WriteRequest request, Done done) {
  std::vector<WriteRequest> one;
  one.push_back(std::move(request));
  BatchDone first = [done = std::move(done)](std::vector<Result<WriteOutcome>> outcomes) {
    done(std::move(outcomes.front()));
  };
  if (MustAwait(one)) return Await(std::move(one), true, std::move(first));
  Go(std::move(one), true, std::move(first));
}

void Writer::WriteBatch(std::vector<WriteRequest> requests, BatchDone done) {
  if (MustAwait(requests)) return Await(std::move(requests), false, std::move(done));
  WriteWhole(std::move(requests), std::move(done));
}

/// @param single  it waits for what is on its way to its entity
void Writer::Go(std::vector<WriteRequest> requests, bool single, BatchDone done) {
  const auto pending = single ? pending_.find(KeyOf(requests.front())) : pending_.end();
  if (pending == pending_.end()) return WriteWhole(std::move(requests), std::move(done));
  if (waiting_count_ >= kMaxWaiting) return done({Busy()});
  ++waiting_count_;
  pending->second.waiting.push_back([this, requests = std::move(requests), done = std::move(done)]() mutable {
    --waiting_count_;
    Go(std::move(requests), true, std::move(done));
  });
}

tl::unexpected<Error> Writer::Busy() const {
  return Fail(Code::kOverloaded, "context.busy_entity", "{} writes wait for earlier ones to the same entities",
              waiting());
}

// ---- behind the store

/// Also when it only comes behind another that does.
bool Writer::MustAwait(const std::vector<WriteRequest>& requests) const {
  if (context_.warmth().cold() == 0 && awaiting_.empty()) return false;
  std::vector<ColdKey> cold;
  return std::ranges::any_of(requests, [&](const WriteRequest& request) {
    context_.NoteCold(request.tenant, request.patch.id, cold);
    return !cold.empty() || awaited_.contains(KeyOf(request));
  });
}

void Writer::Await(std::vector<WriteRequest> requests, bool single, BatchDone done) {
  if (awaiting_.size() >= kMaxWaiting) return done(std::vector<Result<WriteOutcome>>(requests.size(), Busy()));
  const auto awaiting = std::make_shared<Awaiting>();
  for (const WriteRequest& request : requests) ++awaited_[awaiting->keys.emplace_back(KeyOf(request))];
  awaiting->requests = std::move(requests);
  awaiting->done = std::move(done);
  awaiting->single = single;
  awaiting_.push_back(awaiting);
  ReadFor(awaiting);
}

/// What was read stays whole: its key is awaited.
void Writer::ReadFor(const std::shared_ptr<Awaiting>& awaiting) {
  std::vector<ColdKey> cold;
  for (const WriteRequest& request : awaiting->requests) context_.NoteCold(request.tenant, request.patch.id, cold);
  context_.Await(std::move(cold), [this, awaiting](const Result<void>& whole) {
    awaiting->read = true;
    if (!whole) {
      const std::vector<WriteRequest> refused = std::exchange(awaiting->requests, {});
      std::exchange(awaiting->done,
                    nullptr)(std::vector<Result<WriteOutcome>>(refused.size(), tl::unexpected<Error>(whole.error())));
    }
    GoOn();
  });
}

/// In the order they came.
void Writer::GoOn() {
  while (!awaiting_.empty() && awaiting_.front()->read) {
    const auto first = std::move(awaiting_.front());
    awaiting_.pop_front();
    if (first->done) Go(std::move(first->requests), first->single, std::move(first->done));
    for (const std::string& key : first->keys) {
      const auto awaited = awaited_.find(key);
      if (--awaited->second == 0) awaited_.erase(awaited);
    }
  }
}

Result<WriteOutcome> Writer::Check(WriteRequest& request, const std::string& key) {
  const Entity* entity = context_.Find(request.tenant, request.patch.id);
  if (entity != nullptr && entity->expires <= clock_.Now()) entity = nullptr;
  if (!request.type.empty() && entity != nullptr && !entity->HasType(request.type)) entity = nullptr;
  if (context_.names().size() > kMaxNames) {
    return Fail(Code::kTooLarge, "ngsi.TooComplexQuery", "the context holds {} different names, the bound", kMaxNames);
  }
  if (request.adapt) {
    BONGSU_CHECK(request.adapt(entity, request.patch));
  }
  if (seal_) {
    BONGSU_CHECK(seal_(request.tenant, entity, request.patch));
  }
  const auto pending = pending_.find(key);
  const bool will_exist = pending != pending_.end() ? pending->second.exists : entity != nullptr;
  if (request.replace_existing && will_exist && request.patch.op == model::PatchOp::kUpsert)
    request.patch.op = model::PatchOp::kReplace;
  if (pending == pending_.end() || pending->second.exists == (entity != nullptr))
    return CheckWrite(entity, request.patch);
  if (!pending->second.exists) return CheckWrite(nullptr, request.patch);
  // It is being created: everything but another creation will find it there.
  if (request.patch.op == model::PatchOp::kCreate) {
    return Fail(Code::kConflict, "ngsi.AlreadyExists", "entity {} exists already", request.patch.id);
  }
  WriteOutcome outcome;
  for (const auto& [name, value] : request.patch.body.AsObject()) {
    if (!IsEntityMember(name)) outcome.updated.push_back(name);
  }
  return outcome;
}

model::Record Writer::RecordOf(WriteRequest request) const {
  model::Record record = model::ToRecord(std::make_shared<const model::EntityPatch>(std::move(request.patch)),
                                         request.tenant, clock_.Now(), "ngsi-ld", append_.partitions());
  record.actor = std::move(request.actor);
  return record;
}

void Writer::Enter(std::uint16_t tenant, const std::string& key, const model::EntityPatch& patch) {
  const auto [at, fresh] = pending_.try_emplace(key);
  Pending& pending = at->second;
  ++pending.on_the_way;
  const bool creates_nothing = model::IsTemporal(patch.op) && patch.op != model::PatchOp::kTemporalUpsert;
  if (!creates_nothing) {
    pending.exists = patch.op != model::PatchOp::kDelete;
  } else if (fresh) {
    pending.exists = context_.Find(tenant, patch.id) != nullptr;
  }
}

void Writer::Leave(const std::string& key) {
  const auto pending = pending_.find(key);
  if (pending == pending_.end() || --pending->second.on_the_way > 0) return;
  auto waiting = std::move(pending->second.waiting);
  pending_.erase(pending);
  for (auto& next : waiting) next();
}

void Writer::WriteWhole(std::vector<WriteRequest> requests, BatchDone done) {
  auto batch = std::make_shared<Batch>();
  batch->outcomes.reserve(requests.size());
  batch->appended.reserve(requests.size());
  batch->done = std::move(done);
  journal::Batch records;
  records.admission = model::Admission::kObservation;
  records.records.reserve(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    WriteRequest& request = requests[i];
    std::string key = KeyOf(request);
    auto outcome = Check(request, key);
    if (outcome && !outcome->nothing_to_do) {
      Enter(request.tenant, key, request.patch);
      batch->appended.push_back({i, std::move(key)});
      records.records.push_back({RecordOf(std::move(request)), std::nullopt});
    }
    batch->outcomes.push_back(std::move(outcome));
  }
  if (records.records.empty()) {
    batch->done(std::move(batch->outcomes));
    return;
  }
  append_.Append(std::move(records),
                 [this, batch](const Result<journal::Committed>& committed) { Finish(batch, committed); });
}

void Writer::Finish(const std::shared_ptr<Batch>& batch, const Result<journal::Committed>& committed) {
  const auto leave = [this, batch] {
    batch->done(std::move(batch->outcomes));
    for (const auto& appended : batch->appended) Leave(appended.key);
  };
  if (!committed) {
    for (const auto& appended : batch->appended)
      batch->outcomes[appended.place] = tl::unexpected<Error>(committed.error());
    leave();
    return;
  }
  // Answers follow the fold: the next read sees what was written. The sink has folded the batch as a rule.
  auto left = std::make_shared<std::size_t>(1);
  const auto folded = [left, leave] {
    if (--*left == 0) leave();
  };
  for (const model::Record& record : **committed) {
    if (context_.applied_seq(record.position.partition) >= record.position.seq) continue;
    ++*left;
    context_.WhenApplied(record.position, folded);
  }
  folded();
}

}  // namespace bongsu::context
