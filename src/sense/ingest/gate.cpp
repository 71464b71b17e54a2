// SPDX-License-Identifier: Apache-2.0
#include "sense/ingest/gate.hpp"

#include <algorithm>

#include "sense/ingest/gate_state.hpp"

namespace bongsu::ingest {
namespace {

/// True or false when the record tells that its source fell silent or came back; nothing when it is a message.
std::optional<bool> SilenceIn(const model::Record& record) {
  if (record.kind != model::Kind::kEvent || record.payload.find("\"source.") == std::string::npos) return std::nullopt;
  const auto event = model::EventFromRecord(record);
  if (!event || (event->type != "source.silent" && event->type != "source.back")) return std::nullopt;
  return event->type == "source.silent";
}

}  // namespace

json::Value ToJson(const Outcome& outcome) {
  json::Value value;
  value.Set("rows_in", outcome.rows_in);
  value.Set("accepted", outcome.accepted);
  value.Set("refused", outcome.refused);
  value.Set("duplicate", outcome.duplicate);
  value.Set("quarantined", outcome.quarantined);
  json::Array errors;
  for (const Outcome::RowError& error : outcome.errors) {
    json::Value item;
    item.Set("row", static_cast<std::int64_t>(error.row));
    item.Set("reason", error.reason);
    item.Set("message", error.message);
    errors.push_back(std::move(item));
  }
  value.Set("errors", std::move(errors));
  return value;
}

Gate::Gate(GateDeps deps) : deps_{std::move(deps)} {
  for (std::size_t i = 0; i < deps_.shards.size(); ++i) shards_.push_back(std::make_unique<Shard>());
}

Gate::~Gate() = default;

void Gate::SetBoundary(std::string tenant, Boundary boundary) {
  auto shared = std::make_shared<const Boundary>(std::move(boundary));
  for (const auto& source : sources_) {
    if (source->config.tenant == tenant) source->boundary = shared;
  }
  boundaries_[std::move(tenant)] = std::move(shared);
}

Result<void> Gate::AddSource(SourceConfig config, const MappingSet& mappings) {
  BONGSU_CHECK(CheckSource(config, mappings));
  for (const auto& other : sources_) {
    if (other->config.id == config.id && other->config.tenant == config.tenant) {
      return Fail(Code::kInvalidArgument, "source.bad", "source '{}' is configured twice", config.id);
    }
  }
  auto source = std::make_shared<Source>();
  BONGSU_TRY(source->zone, Zone::Load(config.zone));
  for (const std::string& id : config.mappings) {
    source->mappings.push_back(mappings.Find(id));
    const Mapping& mapping = *source->mappings.back();
    source->has_personal = source->has_personal || mapping.has_personal() ||
                           (deps_.personal != nullptr && mapping.Writes(*deps_.personal));
  }
  if (const auto boundary = boundaries_.find(config.tenant); boundary != boundaries_.end())
    source->boundary = boundary->second;
  source->config = std::move(config);
  sources_.push_back(std::move(source));
  return {};
}

std::shared_ptr<Source> Gate::Find(std::string_view tenant, std::string_view id) const {
  for (const auto& source : sources_) {
    if (source->config.id == id && source->config.tenant == tenant) return source;
  }
  return nullptr;
}

std::optional<std::uint16_t> Gate::OrdinalOf(Source& source) const {
  const std::int32_t known = source.ordinal.load(std::memory_order_relaxed);
  if (known >= 0) return static_cast<std::uint16_t>(known);
  const auto found = deps_.tenant_ordinal(source.config.tenant);
  if (found) source.ordinal.store(*found, std::memory_order_relaxed);
  return found;
}

std::uint16_t Gate::PartitionOf(const Source& source) const {
  return model::PartitionOf(static_cast<std::uint16_t>(source.ordinal.load(std::memory_order_relaxed)),
                            source.config.id, deps_.append.partitions());
}

std::size_t Gate::ShardOf(const Source& source) const { return deps_.shards.ShardOf(PartitionOf(source)); }

Gate::State* Gate::StateOf(const std::shared_ptr<Source>& source) {
  const std::uint16_t partition = PartitionOf(*source);
  std::unique_ptr<State>& state = shards_[deps_.shards.ShardOf(partition)]->states[source.get()];
  if (!state)
    state =
        std::make_unique<State>(source, static_cast<std::uint16_t>(source->ordinal.load()), partition, deps_.metrics);
  return state.get();
}

void Gate::Fold(const model::Record& record) {
  if (record.kind != model::Kind::kEvent && record.kind != model::Kind::kQuarantine &&
      record.kind != model::Kind::kQuarantineDone)
    return;
  for (const auto& source : sources_) {
    if (source->config.id != record.source || OrdinalOf(*source) != record.tenant) continue;
    State& state = *StateOf(source);
    if (record.kind == model::Kind::kQuarantine) {
      if (auto held = HeldFromPayload(record.payload)) {
        held->source = record.source;
        state.quarantine.Add(ItemOf(*held, record.position, record.ingest_time));
      }
    } else if (record.kind == model::Kind::kQuarantineDone) {
      if (const auto position = PositionOfId(record.subject)) state.quarantine.Done(*position, "replayed");
      return;
    }
    state.dedupe.Fold(record.dedupe);
    if (const auto silent = SilenceIn(record)) {
      state.silent = *silent;
      return;
    }
    state.heard_at = record.ingest_time;
    state.last_message_at = record.ingest_time;
    state.newest = std::max(state.newest, record.event_time);
    return;
  }
}

void Gate::Start() {
  running_ = true;
  for (std::size_t i = 0; i < shards_.size(); ++i) deps_.shards.Post(i, [this, i] { CheckSilence(i); });
}

void Gate::Stop() { running_ = false; }

void Gate::Submit(const std::shared_ptr<Source>& source, Delivery delivery, Done done) {
  const auto count = static_cast<std::int64_t>(std::max<std::size_t>(1, delivery.rows.size()));
  const auto refuse = [&](Error error) {
    Outcome outcome;
    outcome.rows_in = outcome.refused = delivery.rows.size();
    outcome.errors.push_back({0, error.reason, error.message});
    outcome.again = std::move(error);
    done(std::move(outcome));
  };
  if (!OrdinalOf(*source)) {
    return refuse({Code::kNotFound, "ingest.no_tenant",
                   fmt::format("tenant '{}' of source '{}' does not exist", source->config.tenant, source->config.id)});
  }
  if (source->under_way.fetch_add(count) > kMaxUnderWay) {
    source->under_way.fetch_sub(count);
    return refuse({Code::kOverloaded, "ingest.source_full",
                   fmt::format("source '{}' has {} messages under way; come again", source->config.id, kMaxUnderWay)});
  }
  deps_.shards.Post(ShardOf(*source), [this, source, arrived = deps_.clock.Now(), delivery = std::move(delivery),
                                       done = std::move(done)]() mutable {
    Take(*StateOf(source), std::move(delivery), arrived, std::move(done));
  });
}

void Gate::Touch(const std::shared_ptr<Source>& source) {
  if (!OrdinalOf(*source)) return;
  deps_.shards.Post(ShardOf(*source), [this, source] { Heard(*StateOf(source), deps_.clock.Now()); });
}

void Gate::Heard(State& state, TimePoint now) {
  const TimePoint last = state.heard_at.value_or(now);
  state.heard_at = now;
  if (state.silent && !state.telling) TellSilence(state, false, last, now);
}

void Gate::Drop(const std::shared_ptr<Source>& source, const Error& why) {
  deps_.metrics
      .Counter("bongsu_sense_dropped_total", "Messages lost because the house was full and the peer cannot be told.",
               fmt::format("tenant=\"{}\",source=\"{}\"", source->config.tenant, source->config.id))
      .Add();
  if (source->dropped.fetch_add(1) % 1000 == 0) Report(source, why);
}

void Gate::Report(const std::shared_ptr<Source>& source, Error error) {
  if (!OrdinalOf(*source)) return;
  deps_.shards.Post(ShardOf(*source),
                    [this, source, error = std::move(error)] { StateOf(source)->Note(deps_.clock.Now(), error); });
}

void Gate::EachShard(std::size_t shard, std::function<void(std::size_t)> look, std::function<void()> done) {
  if (shard == shards_.size()) return done();
  deps_.shards.Post(shard, [this, shard, look = std::move(look), done = std::move(done)]() mutable {
    look(shard);
    EachShard(shard + 1, std::move(look), std::move(done));
  });
}

void Gate::Look(const std::string& tenant, std::function<void(std::vector<ConnectorStatus>)> done) {
  auto found = std::make_shared<std::map<const Source*, ConnectorStatus>>();
  const auto look = [this, tenant, found](std::size_t shard) {
    const TimePoint now = deps_.clock.Now();
    for (const auto& [source, state] : shards_[shard]->states) {
      if (source->config.tenant != tenant) continue;
      ConnectorStatus& status = (*found)[source];
      status.state = state->silent ? "silent" : "listening";
      status.last_message_at = state->last_message_at;
      status.rate_per_min = state->rate.PerMinute(now);
      status.counts = state->counts;
      status.errors = state->errors;
    }
  };
  EachShard(0, look, [this, tenant, found, done = std::move(done)] {
    std::vector<ConnectorStatus> statuses;
    for (const auto& source : sources_) {
      if (source->config.tenant != tenant) continue;
      ConnectorStatus& status = (*found)[source.get()];
      const SourceConfig& config = source->config;
      status.id = status.source = config.id;
      status.counts.dropped = source->dropped.load();
      status.kind = config.kind;
      status.tenant = config.tenant;
      status.name = config.name;
      status.silence_after_s = static_cast<double>(config.silence_after.count()) / 1e6;
      status.config_redacted = Redacted(config);
      statuses.push_back(std::move(status));
    }
    done(std::move(statuses));
  });
}

void Gate::LookHeld(std::string tenant, std::function<void(std::vector<HeldItem>)> done) {
  auto found = std::make_shared<std::vector<HeldItem>>();
  const auto look = [this, tenant = std::move(tenant), found](std::size_t shard) {
    for (const auto& [source, state] : shards_[shard]->states) {
      if (source->config.tenant != tenant) continue;
      found->insert(found->end(), state->quarantine.items().begin(), state->quarantine.items().end());
    }
  };
  EachShard(0, look, [found, done = std::move(done)] {
    std::ranges::sort(*found, [](const HeldItem& a, const HeldItem& b) {
      return std::pair(a.received_at, a.position) > std::pair(b.received_at, b.position);
    });
    done(std::move(*found));
  });
}

void Gate::Replay(std::string tenant, model::Position position, std::function<void(Result<Outcome>)> done) {
  const auto unknown = [position] {
    return Fail(Code::kNotFound, "quarantine.unknown", "there is no held message '{}'", QuarantineId(position));
  };
  if (position.partition >= deps_.append.partitions()) return done(unknown());
  deps_.shards.Post(deps_.shards.ShardOf(position.partition), [this, tenant = std::move(tenant), position, unknown,
                                                               done = std::move(done)]() mutable {
    std::shared_ptr<Source> source;
    const HeldItem* item = nullptr;
    for (const auto& [key, state] : shards_[deps_.shards.ShardOf(position.partition)]->states) {
      if (state->partition != position.partition || key->config.tenant != tenant) continue;
      if (const HeldItem* const found = state->quarantine.Find(position)) {
        item = found;
        source = state->source;
      }
    }
    if (item == nullptr) return done(unknown());
    if (item->state != "held")
      return done(
          Fail(Code::kConflict, "quarantine.done", "message '{}' is {} already", QuarantineId(position), item->state));
    deps_.read_record(position, [this, source, position, done = std::move(done)](Result<model::Record> record) mutable {
      if (!record) return done(tl::unexpected<Error>(std::move(record).error()));
      auto held = HeldFromPayload(record->payload);
      if (!held) return done(tl::unexpected<Error>(std::move(held).error()));
      Delivery delivery;
      delivery.topic = held->topic;
      delivery.format = held->format;
      delivery.replay_of = position;
      delivery.rows.push_back({std::move(held->bytes), std::nullopt});
      Submit(source, std::move(delivery), [done = std::move(done)](Outcome outcome) {
        if (outcome.again) return done(tl::unexpected<Error>(*std::move(outcome.again)));
        done(std::move(outcome));
      });
    });
  });
}

}  // namespace bongsu::ingest
