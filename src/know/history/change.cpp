// SPDX-License-Identifier: Apache-2.0
#include "know/history/change.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "know/history/number.hpp"

namespace bongsu::history {
namespace {

using model::PatchOp;

constexpr std::string_view kUrn = "urn:ngsi-ld:Instance:";

/// Digits of the fraction, when the text is what FormatObserved would write again.
std::uint8_t DigitsOf(std::string_view text) {
  const auto point = text.find('.');
  if (!text.ends_with('Z')) return kNotObserved;
  if (point == std::string_view::npos) return 0;
  const std::size_t digits = text.size() - point - 2;
  return digits >= 1 && digits <= 6 ? static_cast<std::uint8_t>(digits) : kNotObserved;
}

/// One record's changes while they are found.
class Collector {
 public:
  Collector(const model::Record& record, const model::EntityPatch& patch) : record_{record}, patch_{patch} {}

  void Add(Change::Kind kind, std::string_view attribute, std::string dataset, std::string json) {
    Change& change = Start(kind, attribute, std::move(dataset));
    change.id = {record_.ingest_time, ordinal_++};
    change.json = std::move(json);
  }

  void Deleted(const EntityBefore::Instance& instance) {
    Change& change = Start(Change::Kind::kAdd, *instance.name, instance.dataset);
    change.id = {record_.ingest_time, ordinal_++};
    change.deleted = true;
    json::Value shell = json::Object{{"type", context::KindName(instance.kind)}};
    if (!instance.dataset.empty()) shell.Set("datasetId", instance.dataset);
    change.json = json::ToString(shell);
  }

  void Written(const EntityBefore& before, const context::Entity* after) {
    if (after != nullptr) {
      for (const auto& attribute : after->attributes) {
        if (attribute.modified != record_.ingest_time) continue;
        Add(Change::Kind::kAdd, *attribute.name, DatasetIn(attribute), attribute.json);
      }
    }
    for (const auto& instance : before.instances) {
      if (after == nullptr || !Has(*after, instance)) Deleted(instance);
    }
  }

  void Put() {
    for (const auto& [name, value] : patch_.body.AsObject()) {
      if (context::IsEntityMember(name)) continue;
      const auto put = [&, &attribute = name](const json::Value& instance) {
        Add(Change::Kind::kPut, attribute, std::string(context::DatasetOf(instance)), json::ToString(instance));
      };
      if (!value.IsArray()) put(value);
      for (const auto& instance : value.AsArray()) put(instance);
    }
  }

  void Edit(Change::Kind kind) {
    const auto id = InstanceFromUrn(patch_.body["instanceId"].AsString());
    if (!id) return;
    const json::Value& instance = patch_.body["instance"];
    Change& change = Start(kind, patch_.body["attribute"].AsString(), std::string(context::DatasetOf(patch_.body)));
    change.id = *id;
    if (instance.IsObject()) change.json = json::ToString(instance);
  }

  void Clear() {
    const bool all = patch_.body["deleteAll"].AsBool();
    Start(all ? Change::Kind::kClearAttribute : Change::Kind::kClear, patch_.body["attribute"].AsString(),
          std::string(all ? std::string_view{} : context::DatasetOf(patch_.body)));
  }

  void ClearEntity() { Start(Change::Kind::kClearEntity, {}, {}); }

  std::vector<Change> Take() { return std::move(changes_); }

 private:
  Change& Start(Change::Kind kind, std::string_view attribute, std::string dataset) {
    Change& change = changes_.emplace_back();
    change.kind = kind;
    change.key = {record_.position.partition, record_.tenant, patch_.id, std::string(attribute), std::move(dataset)};
    change.at = record_.ingest_time;
    return change;
  }

  static std::string DatasetIn(const context::Attribute& attribute) {
    if (!attribute.has_dataset) return {};
    const auto instance = json::Parse(attribute.json);
    return std::string(instance ? context::DatasetOf(*instance) : std::string_view{});
  }

  static bool Has(const context::Entity& entity, const EntityBefore::Instance& instance) {
    return std::ranges::any_of(entity.attributes, [&](const context::Attribute& attribute) {
      return *attribute.name == *instance.name && attribute.has_dataset == !instance.dataset.empty() &&
             (instance.dataset.empty() || DatasetIn(attribute) == instance.dataset);
    });
  }

  const model::Record& record_;
  const model::EntityPatch& patch_;
  std::vector<Change> changes_;
  std::uint32_t ordinal_ = 0;
};

std::optional<EvolutionRow> EvolutionOf(const EntityBefore& before, const context::Entity* after,
                                        const model::Record& record, const model::EntityPatch& patch) {
  EvolutionRow row{record.position.partition, record.tenant, patch.id, std::nullopt};
  const bool clears = patch.op == PatchOp::kTemporalDelete;
  if (after == nullptr && !before.there) return clears ? std::optional{row} : std::nullopt;
  Evolution now;
  if (after == nullptr) {
    for (const auto& type : before.types) now.types.push_back(*type);
    now.scopes = before.scopes;
    now.created = before.created;
    now.deleted = record.ingest_time;
  } else {
    if (before.there && after->types == before.types && after->scopes == before.scopes &&
        after->created == before.created && !clears)
      return std::nullopt;
    for (const auto& type : after->types) now.types.push_back(*type);
    now.scopes = after->scopes;
    now.created = after->created;
    now.cleared = clears;
  }
  row.evolution = std::move(now);
  return row;
}

json::Array Strings(const std::vector<std::string>& texts) {
  json::Array all;
  for (const auto& text : texts) all.emplace_back(text);
  return all;
}

}  // namespace

EntityBefore Look(const context::Entity* entity) {
  EntityBefore before;
  if (entity == nullptr) return before;
  before.there = true;
  before.created = entity->created;
  before.types = entity->types;
  before.scopes = entity->scopes;
  before.instances.reserve(entity->attributes.size());
  for (const auto& attribute : entity->attributes) {
    EntityBefore::Instance& instance = before.instances.emplace_back();
    instance.name = attribute.name;
    instance.kind = attribute.kind;
    if (!attribute.has_dataset) continue;
    if (const auto parsed = json::Parse(attribute.json)) instance.dataset = context::DatasetOf(*parsed);
  }
  return before;
}

Changes ChangesOf(const EntityBefore& before, const context::Entity* after, const model::Record& record,
                  const model::EntityPatch& patch) {
  Collector collector{record, patch};
  switch (patch.op) {
    case PatchOp::kTemporalUpsert:
    case PatchOp::kTemporalAppend:
      collector.Put();
      break;
    case PatchOp::kTemporalDelete:
      collector.ClearEntity();
      break;
    case PatchOp::kTemporalDeleteAttribute:
      collector.Clear();
      break;
    case PatchOp::kTemporalReplaceInstance:
      collector.Edit(Change::Kind::kReplace);
      break;
    case PatchOp::kTemporalDeleteInstance:
      collector.Edit(Change::Kind::kErase);
      break;
    default:
      collector.Written(before, after);
  }
  return {collector.Take(), EvolutionOf(before, after, record, patch)};
}

Sample MakeSample(const Change& change) { return MakeSample(change.id, change.at, change.json, change.deleted); }

Sample MakeSample(const InstanceId& id, TimePoint modified, std::string_view json, bool deleted) {
  Sample sample;
  sample.id = id;
  sample.modified = modified;
  if (deleted) {
    sample.value_class = ValueClass::kDeleted;
    sample.shell = std::make_shared<const std::string>(json);
    return sample;
  }
  const auto parsed = json::Parse(json);
  json::Value instance = parsed ? *parsed : json::Value{json::Object{}};
  const auto kind = context::KindFromName(instance["type"].AsString()).value_or(context::AttributeKind::kProperty);
  const std::string_view member = context::ValueMember(kind);
  sample.text = json::ToString(instance[member]);
  instance.Erase(member);
  const std::string observed{instance["observedAt"].AsString()};
  if (const auto time = ParseTime(observed)) {
    const std::uint8_t digits = DigitsOf(observed);
    sample.observed = *time;
    sample.observed_digits = digits == kNotObserved ? std::uint8_t{6} : digits;
    if (digits != kNotObserved) instance.Erase("observedAt");  // else its text stays as it is
  }
  if (const auto number = NumberIn(sample.text)) {
    sample.value_class = ValueClass::kNumber;
    sample.number = *number;
  }
  sample.shell = std::make_shared<const std::string>(json::ToString(instance));
  return sample;
}

void AppendObserved(std::string& out, TimePoint time, std::uint8_t digits) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const auto put = [&out](std::int64_t number, int places) {
    std::array<char, 8> text{};
    for (int i = places - 1; i >= 0; --i, number /= 10)
      text.at(static_cast<std::size_t>(i)) = static_cast<char>('0' + number % 10);
    out.append(text.data(), static_cast<std::size_t>(places));
  };
  put(int{date.year()}, 4);  // observedAt has four digits of year
  out += '-';
  put(unsigned{date.month()}, 2);
  out += '-';
  put(unsigned{date.day()}, 2);
  out += 'T';
  std::int64_t rest = (time - day).count();
  const std::int64_t micros = rest % 1'000'000;
  rest /= 1'000'000;
  put(rest / 3600, 2);
  out += ':';
  put(rest / 60 % 60, 2);
  out += ':';
  put(rest % 60, 2);
  if (digits > 0) {
    out += '.';
    put(micros, 6);
    out.resize(out.size() - 6 + std::min<std::size_t>(digits, 6));
  }
  out += 'Z';
}

std::string FormatObserved(TimePoint time, std::uint8_t digits) {
  std::string text;
  AppendObserved(text, time, digits);
  return text;
}

std::string InstanceUrn(std::uint16_t partition, const InstanceId& id) {
  return fmt::format("{}{}:{}:{}", kUrn, partition, ToMicros(id.recorded), id.ordinal);
}

std::optional<InstanceId> InstanceFromUrn(std::string_view urn) {
  if (!urn.starts_with(kUrn)) return std::nullopt;
  urn.remove_prefix(kUrn.size());
  InstanceId id;
  std::uint16_t partition = 0;
  std::int64_t micros = 0;
  const auto read = [&](auto& number, bool last) {
    const auto [rest, error] = std::from_chars(urn.data(), urn.data() + urn.size(), number);
    urn.remove_prefix(static_cast<std::size_t>(rest - urn.data()));
    if (error != std::errc{} || (last ? !urn.empty() : !urn.starts_with(':'))) return false;
    urn.remove_prefix(last ? 0 : 1);
    return true;
  };
  if (!read(partition, false) || !read(micros, false) || !read(id.ordinal, true)) return std::nullopt;
  id.recorded = FromMicros(micros);
  return id;
}

std::string Encode(const Evolution& evolution) {
  json::Writer out;
  out.Object().Key("type").Put(json::Value{Strings(evolution.types)});
  if (!evolution.scopes.empty()) out.Key("scope").Put(json::Value{Strings(evolution.scopes)});
  out.Key("created").Int(ToMicros(evolution.created));
  if (evolution.deleted != TimePoint{}) out.Key("deleted").Int(ToMicros(evolution.deleted));
  if (evolution.cleared) out.Key("cleared").Bool(true);
  out.End();
  return out.Take();
}

Result<Evolution> DecodeEvolution(std::string_view bytes) {
  const auto parsed = json::Parse(bytes);
  if (!parsed || !parsed->IsObject())
    return Fail(Code::kCorrupt, "history.bad_evolution", "the head of a history does not decode");
  Evolution evolution;
  for (const auto& type : (*parsed)["type"].AsArray()) evolution.types.emplace_back(type.AsString());
  for (const auto& scope : (*parsed)["scope"].AsArray()) evolution.scopes.emplace_back(scope.AsString());
  evolution.created = FromMicros((*parsed)["created"].AsInt());
  evolution.deleted = FromMicros((*parsed)["deleted"].AsInt());
  evolution.cleared = (*parsed)["cleared"].AsBool();
  return evolution;
}

}  // namespace bongsu::history
