// SPDX-License-Identifier: Apache-2.0
#include "app/stages.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <optional>

#include "decide/rules/entity_event.hpp"
#include "guard/sealing/token.hpp"
#include "know/journal/retention.hpp"

namespace bongsu::app {
namespace {

constexpr auto kWatchEvery = std::chrono::milliseconds{50};
constexpr Duration kLookBackAtLeast = 24h;  ///< Message identities are kept a day over a restart.
constexpr Duration kResend = 10min;         ///< Real time in which a sender without an answer sends again.

/// The event rules see: what a linked system said, or a direct NGSI-LD write. Empty for every other record.
std::optional<model::Event> EventOf(const model::Record& record) {
  std::optional<model::Event> event;
  if (record.kind == model::Kind::kEntity) {
    event = rules::EventFromEntityRecord(record, {});
  } else if (record.kind == model::Kind::kEvent) {
    if (auto read = model::EventFromRecord(record)) event = std::move(*read);
  }
  // Rules compare surrogates, whatever key a value lies under; what they find holds nothing else.
  if (event && sealing::MayHoldToken(record.payload)) {
    for (auto& [name, value] : event->fields) value = sealing::ShortenedValue(std::move(value));
  }
  return event;
}

}  // namespace

Stages::Stages(const House& house, const std::shared_ptr<const rules::RuleSet>& rules, Lateness lateness)
    : house_{house},
      lateness_{std::move(lateness)},
      events_{house.metrics.Counter("bongsu_stages_events_total", "Committed events led through the rules.")},
      findings_{house.metrics.Counter("bongsu_stages_findings_total", "Findings appended.")},
      lost_findings_{house.metrics.Counter("bongsu_stages_findings_refused_total",
                                           "Findings the journal refused; they are computed again after a restart.")},
      to_finding_{house.metrics.Histogram("bongsu_stages_event_to_finding_seconds",
                                          "From an event's ingest time to its finding on disk.")} {
  for (std::size_t shard = 0; shard < house.shards.size(); ++shard) {
    parts_.push_back(std::make_unique<Parts>(house.context.replica(shard), rules));
  }
}

Stages::~Stages() = default;

void Stages::OnCommitted(std::size_t shard, std::span<const model::Record* const> records) {
  house_.context.OnCommitted(shard, records);
  std::vector<model::Finding> found;
  std::map<std::uint16_t, std::vector<model::Finding>> for_desks;
  for (const model::Record* record : records) {
    if (record->position.partition >= model::kDeskBase) continue;  // the desk folds its own
    if (record->kind == model::Kind::kFinding) {
      if (auto finding = model::FindingFromRecord(*record)) for_desks[record->tenant].push_back(std::move(*finding));
    } else if (record->kind == model::Kind::kTick) {
      parts_[shard]->tick_asked = false;
      Settle(shard, parts_[shard]->rules.OnTick(record->ingest_time), found);
    } else if (record->kind == model::Kind::kConfig) {
      if (const auto payload = json::Parse(record->payload)) Switch(shard, (*payload)["version"].AsString());
    } else {
      Evaluate(shard, *record, found);
    }
  }
  AppendFindings(found);
  for (auto& [tenant, findings] : for_desks) {
    if (on_findings_) on_findings_(tenant, std::move(findings));
  }
}

void Stages::Evaluate(std::size_t shard, const model::Record& record, std::vector<model::Finding>& findings) {
  const auto event = EventOf(record);
  if (!event) return;
  events_.Add();
  std::vector<rules::Hit> hits = parts_[shard]->rules.OnEvent(*event);
  std::erase_if(hits, [&](const rules::Hit& hit) {  // a reload came after it: another version has judged it
    const auto since = in_force_.find(hit.rule->id);
    return since != in_force_.end() && record.ingest_time < since->second;
  });
  Route(shard, std::move(hits), findings);
}

void Stages::NoteConfig(const model::Record& record, InForce& in_force) const {
  const auto payload = json::Parse(record.payload);
  if (!payload) return;
  for (const auto& [id, version] : (*payload)["fresh"].AsObject()) {
    const rules::RulePtr rule = parts_.front()->rules.rules().Find(id);
    if (rule != nullptr && rule->version == version.AsString()) {
      in_force[id] = record.ingest_time;
    } else {
      in_force.erase(id);  // it changed again since
    }
  }
}

std::size_t Stages::OwnerOf(const rules::Hit& hit) const {
  return house_.shards.ShardOf(rules::PartitionOf(hit, house_.append.partitions()));
}

void Stages::Route(std::size_t shard, std::vector<rules::Hit> hits, std::vector<model::Finding>& findings) {
  for (rules::Hit& hit : hits) {
    const std::size_t owner = OwnerOf(hit);
    if (owner == shard || recovering_) {
      Settle(owner, parts_[owner]->rules.OnHit(std::move(hit)), findings);
      continue;
    }
    house_.shards.Post(owner, [this, owner, hit = std::move(hit)] {
      std::vector<model::Finding> found;
      Settle(owner, parts_[owner]->rules.OnHit(hit), found);
      AppendFindings(found);
    });
  }
}

void Stages::Settle(std::size_t shard, rules::RuleEngine::Output output, std::vector<model::Finding>& findings) {
  std::ranges::move(output.findings, std::back_inserter(findings));
  if (!output.hits.empty())
    Route(shard, std::move(output.hits), findings);  // rules over rules; the rule set has no cycle
}

void Stages::AppendFindings(const std::vector<model::Finding>& findings) {
  if (findings.empty()) return;
  journal::Batch batch;
  batch.admission = model::Admission::kUrgent;  // outcomes of what was accepted already
  for (const model::Finding& finding : findings)
    batch.records.push_back({model::ToRecord(finding, house_.append.partitions()), {}});
  const std::size_t count = batch.records.size();
  house_.append.Append(std::move(batch), [this, count](const Result<journal::Committed>& done) {
    if (!done) {
      lost_findings_.Add(count);
      return house_.log.Failure("stages.findings_refused", done.error());
    }
    findings_.Add(count);
    for (const model::Record& record : **done) {
      const auto finding = model::FindingFromRecord(record);
      if (!finding || finding->status != model::FindingStatus::kProvisional || finding->revision != 1) continue;
      to_finding_.Observe(std::chrono::duration<double>(record.ingest_time - finding->received_at).count() /
                          house_.clock.scale());
    }
  });
}

void Stages::Take(const model::Event& event) {
  journal::Batch batch;
  batch.admission = event.admission;
  batch.records.push_back({model::ToRecord(event, house_.append.partitions()), {}});
  house_.append.Append(std::move(batch), [this](const Result<journal::Committed>& done) {
    if (!done) house_.log.Failure("stages.own_event_refused", done.error());
  });
}

void Stages::OnTenant(const guard::Tenant& tenant) {
  const auto of_tenant = lateness_.find(tenant.id);
  if (of_tenant == lateness_.end()) return;
  for (std::size_t shard = 0; shard < parts_.size(); ++shard) {
    house_.shards.Post(shard, [this, shard, ordinal = tenant.ordinal, &sources = of_tenant->second] {
      for (const auto& [source, lateness] : sources) parts_[shard]->rules.SetLateness(ordinal, source, lateness);
    });
  }
}

void Stages::Start() {
  // What was recorded but perhaps not told to the desk; telling it again changes nothing.
  for (auto& [tenant, findings] : std::exchange(told_again_, {})) on_findings_(tenant, std::move(findings));
  const auto done = std::make_shared<std::promise<void>>();
  house_.shards.Post(0, [this, done] { EndRecovery(0, done); });
  done->get_future().wait();
}

/// One shard after the other, so that what one finds reaches the next one's rules before they are reviewed.
void Stages::EndRecovery(std::size_t shard, const std::shared_ptr<std::promise<void>>& done) {
  std::vector<model::Finding> unrecorded;
  Settle(shard, parts_[shard]->rules.EndRecovery(house_.clock.Now()), unrecorded);
  AppendFindings(unrecorded);
  Watch(shard);
  if (shard + 1 == parts_.size()) return done->set_value();
  house_.shards.Post(shard + 1, [this, shard, done] { EndRecovery(shard + 1, done); });
}

void Stages::Watch(std::size_t shard) {
  Parts& parts = *parts_[shard];
  ShareClocks(shard);
  if (!parts.tick_asked && parts.rules.NextDue() <= house_.clock.Now()) AppendTick(shard);
  house_.shards.After(shard, kWatchEvery, [this, shard] { Watch(shard); });
}

void Stages::ShareClocks(std::size_t shard) {
  auto news = std::make_shared<const std::vector<rules::ClockNews>>(parts_[shard]->rules.TakeClocks());
  if (news->empty()) return;
  for (std::size_t other = 0; other < parts_.size(); ++other) {
    if (other != shard) house_.shards.Post(other, [this, other, news] { parts_[other]->rules.OnClocks(*news); });
  }
}

void Stages::Prepare(const std::shared_ptr<const rules::RuleSet>& set) {
  for (std::size_t shard = 0; shard < parts_.size(); ++shard) {
    house_.shards.Post(shard, [this, shard, set] { parts_[shard]->prepared = set; });
  }
}

void Stages::Switch(std::size_t shard, std::string_view version) {
  Parts& parts = *parts_[shard];
  if (parts.prepared == nullptr || parts.prepared->version() != version) return;
  parts.rules.Reload(std::exchange(parts.prepared, nullptr));
}

void Stages::SwitchAll(const std::string& version, const std::function<void()>& done) {
  const auto left = std::make_shared<std::atomic<std::size_t>>(parts_.size());
  for (std::size_t shard = 0; shard < parts_.size(); ++shard) {
    house_.shards.Post(shard, [this, shard, version, left, done] {
      // Behind what was committed before and waits for its entities: that is the old rules'.
      house_.context.WhenWhole(shard, {}, [this, shard, version, left, done](auto) {
        Switch(shard, version);
        if (left->fetch_sub(1) == 1) done();
      });
    });
  }
}

void Stages::AppendTick(std::size_t shard) {
  // The first data partition of this shard carries its ticks; a shard without one (more shards than partitions) has no
  // keys.
  if (shard >= house_.append.partitions()) return;
  parts_[shard]->tick_asked = true;
  model::Record tick;
  tick.kind = model::Kind::kTick;
  tick.position.partition = static_cast<std::uint16_t>(shard);
  tick.event_time = house_.clock.Now();
  tick.source = "platform";
  tick.payload = "{}";
  journal::Batch batch;
  batch.admission = model::Admission::kUrgent;
  batch.records.push_back({std::move(tick), {}});
  house_.append.Append(std::move(batch), [this, shard](const Result<journal::Committed>& done) {
    if (!done) parts_[shard]->tick_asked = false;
  });
}

/// Reads partitions side by side, always the record that was taken in first.
class Stages::Merge {
 public:
  Merge(const journal::JournalPort& journal, const std::map<std::uint16_t, std::uint64_t>& from) : journal_{journal} {
    for (const auto& [partition, seq] : from) cursors_.push_back({partition, seq, {}});
  }

  /// Empty at the end. @errors those of JournalPort::Read
  Result<std::optional<model::Record>> Next() {
    Cursor* first = nullptr;
    for (Cursor& cursor : cursors_) {
      if (cursor.ready.empty() && !cursor.ended) BONGSU_CHECK(Fill(cursor));
      if (cursor.ready.empty()) continue;
      if (first == nullptr || cursor.ready.front().ingest_time < first->ready.front().ingest_time) first = &cursor;
    }
    if (first == nullptr) return std::optional<model::Record>{};
    model::Record record = std::move(first->ready.front());
    first->ready.pop_front();
    return std::optional<model::Record>{std::move(record)};
  }

 private:
  struct Cursor {
    std::uint16_t partition;
    std::uint64_t seq;
    std::deque<model::Record> ready;
    bool ended = false;
  };

  Result<void> Fill(Cursor& cursor) {
    constexpr std::size_t kChunk = 1000;
    const auto next = journal_.Read(cursor.partition, cursor.seq, [&](const model::Record& record) {
      cursor.ready.push_back(record);
      return cursor.ready.size() < kChunk;
    });
    if (!next) return tl::unexpected<Error>(next.error());
    cursor.ended = cursor.ready.size() < kChunk;
    if (!cursor.ready.empty()) cursor.seq = cursor.ready.back().position.seq + 1;
    return {};
  }

  const journal::JournalPort& journal_;
  std::vector<Cursor> cursors_;
};

Result<void> Stages::Recover(const OnRecord& on_record) {
  const TimePoint now = house_.clock.Now();
  Duration latest = rules::kLateness;
  for (const auto& [tenant, sources] : lateness_) {
    for (const auto& [source, lateness] : sources) latest = std::max(latest, std::min<Duration>(lateness, 24h));
  }
  const TimePoint rules_since =
      now - std::max(parts_.front()->rules.rules().LongestWindow() + latest, kLookBackAtLeast);
  // Under a virtual clock the senders' patience, which is real, can be more than a day of platform time.
  const Duration patience{static_cast<Duration::rep>(static_cast<double>(kResend.count()) * house_.clock.scale())};
  const TimePoint since = std::min(rules_since, now - patience);
  std::map<std::uint16_t, std::uint64_t> recent;
  for (const std::uint16_t partition : house_.journal.Partitions()) {
    if (partition < model::kDeskBase) recent[partition] = journal::FirstSince(house_.journal, partition, since);
  }
  // First what was found, on every shard, so that finding it again is not told again.
  for (const auto& part : parts_) part->rules.BeginRecovery();
  for (const auto& [partition, seq] : recent) {
    const auto end = house_.journal.Read(partition, seq, [&](const model::Record& record) {
      if (record.kind == model::Kind::kConfig) NoteConfig(record, in_force_);
      if (record.kind != model::Kind::kFinding || record.ingest_time < rules_since) return true;
      auto finding = model::FindingFromRecord(record);
      if (!finding) return true;
      for (const auto& part : parts_) part->rules.Recover(*finding);
      told_again_[record.tenant].push_back(std::move(*finding));
      return true;
    });
    if (!end) return tl::unexpected<Error>(end.error());
  }
  recovering_ = true;
  std::vector<model::Finding> none;  // nothing is told before EndRecovery
  Merge merge{house_.journal, recent};
  for (;;) {
    BONGSU_TRY(const std::optional<model::Record> record, merge.Next());
    if (!record) break;
    on_record(*record);
    if (record->ingest_time < rules_since) continue;
    const std::size_t shard = house_.shards.ShardOf(record->position.partition);
    if (record->kind == model::Kind::kTick) {
      Settle(shard, parts_[shard]->rules.OnTick(record->ingest_time), none);
    } else {
      Evaluate(shard, *record, none);
    }
  }
  recovering_ = false;
  in_force_.clear();
  return {};
}

}  // namespace bongsu::app
