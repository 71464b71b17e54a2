// SPDX-License-Identifier: Apache-2.0
#include "scenario/stage.hpp"

#include <algorithm>

#include "model/core_context.hpp"
#include "model/entity_patch.hpp"

namespace bongsu::scenario {
namespace {

constexpr std::uint16_t kPartitions = 16;

json::Value Attribute(std::string_view name, const json::Value& value) {
  json::Value out;
  if (name == "location" && value.IsArray()) {
    out.Set("type", "GeoProperty");
    out.Set("value", json::Value{json::Object{{"type", "Point"}, {"coordinates", value}}});
  } else if (value.IsObject() && value.Find("ko") != nullptr) {
    out.Set("type", "LanguageProperty");
    out.Set("languageMap", value);
  } else if (value.IsString() && value.AsString().starts_with("urn:ngsi-ld:")) {
    out.Set("type", "Relationship");
    out.Set("object", value);
  } else {
    out.Set("type", "Property");
    out.Set("value", value);
  }
  return out;
}

}  // namespace

context::ReplicaConfig Stage::Config() {
  context::ReplicaConfig config;
  config.attributes = {"status",       "refSwitch",    "refCabinet", "workPermit", "walkway", "attentionLevel",
                       "cautionLevel", "warningLevel", "main",       "phone",      "agency"};
  return config;
}

Result<std::unique_ptr<Stage>> Stage::Make(const std::string& packs, TimePoint start, dispatch::Peers peers) {
  std::unique_ptr<Stage> stage{new Stage(start)};
  sense::Definition definition;
  BONGSU_CHECK(definition.AddPacks(packs));
  stage->decoders_ = definition.Decoders();
  for (const ingest::SourceConfig& config : definition.config.sources) {
    Source source;
    source.config = config;
    BONGSU_TRY(source.zone, ingest::Zone::Load(config.zone));
    for (const std::string& id : config.mappings) {
      if (auto mapping = definition.mappings.Find(id)) source.mappings.push_back(std::move(mapping));
    }
    stage->sources_.emplace(config.id, std::move(source));
  }
  auto loaded = rules::RuleSet::Load({packs}, {});
  auto built = rules::RuleSet::Build(std::move(loaded.rules));
  for (const auto* list : {&loaded.complaints, &built.complaints}) {
    if (list->empty()) continue;
    const rules::Complaint& first = list->front();
    return Fail(Code::kInvalidArgument, first.code, "{}:{}:{}: {}", first.file, first.line, first.column,
                first.message);
  }
  stage->engine_ = std::make_unique<rules::RuleEngine>(built.set, stage->context_);
  for (const auto& [id, source] : stage->sources_) {
    if (source.config.lateness >= Duration{0}) stage->engine_->SetLateness(0, id, source.config.lateness);
  }
  BONGSU_TRY(stage->procedures_, sop::Library::Load(packs));
  stage->room_ = std::make_unique<Room>(stage->clock_, stage->procedures_, std::move(peers));
  return stage;
}

void Stage::Give(const json::Value& entity) {
  const std::string id{entity["id"].AsString()};
  json::Value body;
  body.Set("id", id);
  body.Set("type", model::ExpandCore(entity["type"].AsString()));
  for (const auto& [name, value] : entity.AsObject()) {
    if (name != "id" && name != "type") body.Set(model::ExpandCore(name), Attribute(name, value));
  }
  const auto patch =
      std::make_shared<const model::EntityPatch>(model::EntityPatch{model::PatchOp::kUpsert, id, std::move(body)});
  model::Record record = model::ToRecord(patch, 0, now(), "scenario", kPartitions);
  record.position.seq = ++seq_;
  record.ingest_time = now();
  replica_.Apply(record);
}

void Stage::Keep(rules::RuleEngine::Output output) {
  for (const model::Finding& found : output.findings) {
    // As the journal would hand it on: what the record does not carry, the desk does not see.
    model::Record record = model::ToRecord(found, kPartitions);
    record.position.seq = ++seq_;
    if (const auto finding = model::FindingFromRecord(record)) room_->Take(*finding);
  }
  for (rules::Hit& hit : output.hits) Keep(engine_->OnHit(std::move(hit)));
}

void Stage::Feed(model::Event event) {
  event.received_at = now();
  event.position = {model::PartitionOf(0, event.source, kPartitions), ++seq_};
  // As the journal would hand it on: what the record does not carry, rules do not see.
  model::Record record = model::ToRecord(event, kPartitions);
  record.position = event.position;
  record.ingest_time = now();
  const auto read = model::EventFromRecord(record);
  if (!read) return;
  for (rules::Hit& hit : engine_->OnEvent(*read)) Keep(engine_->OnHit(std::move(hit)));
}

void Stage::Take(ingest::Meaning meaning, const Source& source) {
  model::Event& event = meaning.event;
  event.source = source.config.id;
  if (!event.id.empty() && !meaning.without_identity) {
    if (!known_.emplace(HashParts({event.source, event.id}), true).second) return;  // the gate drops a repeat
  }
  for (const model::EntityPatch& patch : meaning.patches) {
    model::Record record = model::ToRecord(patch, 0, event.at, event.source, kPartitions);
    record.position.seq = ++seq_;
    record.ingest_time = now();
    replica_.Apply(record);
  }
  Feed(std::move(event));
}

Result<void> Stage::Row(Source& source, const std::string& topic, const ingest::Row& row) {
  ingest::Scope scope;
  scope.topic = topic;
  scope.source = source.config.id;
  scope.tenant = source.config.tenant;
  scope.arrived = now();
  scope.zone = &source.zone;
  ingest::Groups groups;
  std::optional<Error> unread;
  for (const auto& mapping : source.mappings) {
    if (!mapping->MatchesTopic(topic)) continue;
    const auto document = row.document ? Result<json::Value>{*row.document}
                                       : ingest::Decode(decoders_, mapping->format(), row.bytes, now(), source.zone);
    if (!document) {
      unread = document.error();
      continue;
    }
    scope.message = scope.root = &*document;
    groups.clear();
    if (!mapping->Matches(scope, groups)) continue;
    scope.groups = &groups;
    if (mapping->ignores()) return {};
    const ingest::Surroundings surroundings{
        .place_of = [&](std::string_view entity) -> std::optional<model::Place> {
          const context::ReplicaEntity* known = replica_.replica().Find(0, entity);
          return known != nullptr ? known->place() : std::nullopt;
        },
        .in_city = [](model::LatLon) -> std::optional<bool> { return std::nullopt; }};
    for (Result<ingest::Meaning>& meaning : mapping->Apply(scope, surroundings)) {
      if (!meaning) return tl::unexpected<Error>(meaning.error());
      Take(*std::move(meaning), source);
    }
    return {};
  }
  if (unread) return tl::unexpected<Error>(*unread);
  return Fail(Code::kInvalidArgument, "mapping.none", "no mapping of source '{}' takes this message", source.config.id);
}

Result<void> Stage::Send(const std::string& id, const std::string& topic, const std::string& body) {
  const auto found = sources_.find(id);
  if (found == sources_.end()) return Fail(Code::kNotFound, "scenario.no_source", "no pack has a source '{}'", id);
  Source& source = found->second;
  if (source.silent) TellSilence(source, false);
  source.heard_at = now();
  std::vector<ingest::Row> rows{{body, std::nullopt}};
  if (source.config.kind == "http") {
    BONGSU_TRY(rows, ingest::SplitBody("application/json", body));
  }
  for (const ingest::Row& row : rows) BONGSU_CHECK(Row(source, topic, row));
  return {};
}

Result<void> Stage::Watch(const std::string& id) {
  const auto found = sources_.find(id);
  if (found == sources_.end()) return Fail(Code::kNotFound, "scenario.no_source", "no pack has a source '{}'", id);
  found->second.watched = true;
  return {};
}

void Stage::TellSilence(Source& source, bool silent) {
  source.silent = silent;
  model::Event event;
  event.source = source.config.id;
  event.type = silent ? "source.silent" : "source.back";
  event.log_source = {"linkage", "bongsu", "silence"};
  event.at = now();
  event.entity = source.config.entity;
  event.fields = {
      {"source", source.config.id}, {"kind", source.config.kind}, {"last_message_at", FormatUtc(source.heard_at)}};
  Feed(std::move(event));
}

void Stage::Tick() {
  Keep(engine_->OnTick(now()));
  if (room_->NextDue() <= now()) room_->Wake();
}

void Stage::PassTo(TimePoint time) {
  while (true) {
    TimePoint next = std::min({time, engine_->NextDue(), room_->NextDue()});
    Source* falls_silent = nullptr;
    for (auto& [id, source] : sources_) {
      if (!source.watched || source.silent || source.heard_at == TimePoint{} ||
          source.config.silence_after == Duration{0})
        continue;
      const TimePoint due = source.heard_at + source.config.silence_after;
      if (due > next) continue;
      next = due;
      falls_silent = &source;
    }
    if (next >= time && falls_silent == nullptr) break;
    clock_.Set(std::max(now(), next));
    if (falls_silent != nullptr) TellSilence(*falls_silent, true);
    Tick();
  }
  clock_.Set(std::max(now(), time));
  Tick();
}

}  // namespace bongsu::scenario
