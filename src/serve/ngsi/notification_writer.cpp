// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/notification_writer.hpp"

#include <algorithm>

#include "base/id.hpp"
#include "know/context/patch.hpp"

namespace bongsu::ngsi {
namespace {

constexpr std::size_t kMostBytes = 4UL << 20U;  ///< Text of linked entities put together for one notification.

using context::Attribute;
using context::AttributeKind;
using context::Entity;
using subscriptions::AttributeChange;
using subscriptions::EntityChange;

/// "value" -> "previousValue"
std::string PreviousMember(AttributeKind kind) {
  std::string name{context::ValueMember(kind)};
  name.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(name.front())));
  return "previous" + name;
}

json::Value NullOf(AttributeKind kind) {
  json::Value null{context::kNull};
  if (kind == AttributeKind::kLanguageProperty) return json::Object{{"@none", null}};
  if (kind == AttributeKind::kListProperty || kind == AttributeKind::kListRelationship) return json::Array{null};
  return null;
}

void AddPrevious(json::Value& instance, const Attribute& before) {
  const auto was = json::Parse(before.json);
  if (!was) return;
  const json::Value* value = was->Find(context::ValueMember(before.kind));
  if (value != nullptr) instance.Set(PreviousMember(before.kind), *value);
}

/// The entity with what was deleted as NGSI-LD Null and, where asked for, what was before.
class Marked {
 public:
  Marked(const CompiledSubscription& subscription, const EntityChange& change)
      : subscription_{subscription}, change_{change}, entity_{change.entity()} {
    if (change.after == nullptr) entity_.attributes.clear();
    for (const AttributeChange& attribute : change.attributes) {
      if (attribute.after == nullptr) {
        AddNull(*attribute.before);
      } else if (subscription.show_changes && attribute.before != nullptr) {
        AddBefore(attribute);
      }
    }
  }
  const Entity& entity() const { return entity_; }

 private:
  void AddNull(const Attribute& gone) {
    if (change_.after == nullptr && !subscription_.Watches(*gone.name)) return;
    // The attribute is gone: its instances need no word of their own.
    if (gone.has_dataset && !subscription_.show_changes && IsGoneWithDefault(*gone.name)) return;
    json::Value instance{json::Object{{"type", context::KindName(gone.kind)}}};
    instance.Set(context::ValueMember(gone.kind), NullOf(gone.kind));
    if (subscription_.show_changes) AddPrevious(instance, gone);
    if (gone.has_dataset) {
      const auto was = json::Parse(gone.json);
      if (was) instance.Set("datasetId", context::DatasetOf(*was));
    }
    if (subscription_.as.system_times) instance.Set("deletedAt", FormatUtc(change_.at));
    const auto same = [&](const Attribute& there) { return *there.name == *gone.name; };
    const auto last = std::ranges::find_if(entity_.attributes.rbegin(), entity_.attributes.rend(), same);
    const bool found = last != entity_.attributes.rend();
    // Instances of one name stand together and under one name.
    const context::Name name = found ? last->name : gone.name;
    Attribute marked;
    marked.name = name;
    marked.created = gone.created;
    std::string scratch;
    context::SetInstance(marked, instance, change_.at, scratch);
    entity_.attributes.insert(found ? last.base() : entity_.attributes.end(), std::move(marked));
  }

  bool IsGoneWithDefault(std::string_view name) const {
    const auto named = [&](const Attribute& there) { return *there.name == name; };
    if (change_.after != nullptr && std::ranges::any_of(change_.after->attributes, named)) return false;
    return std::ranges::any_of(change_.before->attributes,
                               [&](const Attribute& there) { return named(there) && !there.has_dataset; });
  }

  void AddBefore(const AttributeChange& attribute) {
    const auto found = std::ranges::find_if(entity_.attributes, [&](const Attribute& there) {
      return there.name == attribute.after->name && there.json == attribute.after->json;
    });
    if (found == entity_.attributes.end()) return;
    auto instance = json::Parse(found->json);
    if (!instance) return;
    AddPrevious(*instance, *attribute.before);
    found->json = json::ToString(*instance);
  }

  const CompiledSubscription& subscription_;
  const EntityChange& change_;
  Entity entity_;
};

json::Value TypesOf(const CompiledSubscription& subscription, const Entity& entity) {
  json::Array types;
  for (const context::Name type : entity.types) types.emplace_back(subscription.as.context->Compact(*type));
  return types.size() == 1 ? types.front() : json::Value{std::move(types)};
}

/// id, type and when: all that is left of an entity, unless its attributes were asked after.
std::string DeletedText(const CompiledSubscription& subscription, const EntityChange& change) {
  const bool with_attributes =
      subscription.show_changes || (subscription.triggers & subscriptions::kAttributeDeleted) != 0;
  const Entity& gone = *change.before;
  json::Value out{json::Object{{"id", gone.id}, {"type", TypesOf(subscription, gone)}}};
  if (with_attributes) {
    Representation as = subscription.as;
    as.geojson = false;
    std::string text;
    if (AppendEntity(text, Marked{subscription, change}.entity(), as)) {
      if (auto parsed = json::Parse(text)) {
        for (const auto& [name, value] : parsed->AsObject()) out.Set(name, value);
        out.Erase("scope");
      }
    }
  }
  out.Set("deletedAt", FormatUtc(change.at));
  if (subscription.as.system_times) {
    out.Set("createdAt", FormatUtc(gone.created));
    out.Set("modifiedAt", FormatUtc(gone.modified));
  }
  if (!subscription.as.geojson) return json::ToString(out);
  json::Value feature{json::Object{{"id", gone.id}, {"type", "Feature"}, {"geometry", nullptr}}};
  out.Erase("id");
  feature.Set("properties", std::move(out));
  return json::ToString(feature);
}

std::string Envelope(const CompiledSubscription& subscription, const std::string& id,
                     const std::vector<std::string>& entities, TimePoint now) {
  std::string out = R"({"id":)";
  json::AppendString(out, id);
  out += R"(,"type":"Notification","subscriptionId":)";
  json::AppendString(out, subscription.id);
  out += R"(,"notifiedAt":")" + FormatUtc(now) + R"(","data":)";
  out += subscription.as.geojson ? R"({"type":"FeatureCollection","features":[)" : "[";
  const std::string context =
      subscription.context_in_body ? ",\"@context\":" + json::ToString(subscription.echo) + '}' : "}";
  for (std::size_t i = 0; i < entities.size(); ++i) {
    if (i > 0) out += ',';
    out += entities[i];
    if (subscription.as.geojson || !subscription.context_in_body) continue;
    out.pop_back();  // an entity in JSON-LD carries its own (clause 5.2.4)
    out += context;
  }
  out += subscription.as.geojson ? "]}" : "]";
  return out + context;
}

bool HasMarks(const CompiledSubscription& subscription, const EntityChange& change) {
  return subscription.show_changes || std::ranges::any_of(change.attributes, [](const AttributeChange& attribute) {
           return attribute.after == nullptr;
         });
}

/// Whether what the entity links to suits the subscription's q.
bool SuitsLinked(const CompiledSubscription& subscription, const Entity& entity, LinkedEntities& linked) {
  if (!subscription.linked_q) return true;
  context::ValueQuery::Reach reach = [&](const context::ValueQuery::Link& link, const std::string& id) {
    const Entity* there = linked.Find(id);
    return there != nullptr && context::ValueQuery::Means(link, *there, reach);
  };
  return subscription.linked_q->Matches(entity, reach);
}

/// The entities in the subscription's form, with those they link to.
std::vector<std::string> Joined(const CompiledSubscription& subscription, const std::vector<const Entity*>& entities,
                                LinkedEntities& linked, TimePoint now) {
  std::vector<Shown> roots;
  roots.reserve(entities.size());
  for (const Entity* entity : entities) roots.push_back({entity, EntityText(subscription, *entity, now)});
  const auto plain = [&] {
    std::vector<std::string> texts;
    texts.reserve(roots.size());
    for (Shown& root : roots) texts.push_back(std::move(root.json));
    return texts;
  };
  if (subscription.join.mode == Join::Mode::kNone) return plain();
  auto as = std::make_shared<Representation>(subscription.as);
  as->now = now;
  auto joined =
      Render(roots, as, subscription.join, kMostBytes, [&](const std::string& id) { return linked.Find(id); });
  return joined ? std::move(*joined) : plain();  // more than can be put together: each link is still told by its id
}

std::string IdOf(const CompiledSubscription& subscription, std::string_view what) {
  const std::string tenant = std::to_string(subscription.tenant);
  return "urn:ngsi-ld:Notification:" + ToText(HashParts({tenant, subscription.id, what}));
}

}  // namespace

std::string NotificationId(const CompiledSubscription& subscription, model::Position position) {
  return IdOf(subscription, fmt::format("{}:{}", position.partition, position.seq));
}

std::string NotificationId(const CompiledSubscription& subscription, TimePoint due) {
  return IdOf(subscription, FormatUtc(due));
}

std::string EntityText(const CompiledSubscription& subscription, const Entity& entity, TimePoint now) {
  std::string out;
  bool shown = false;
  if (std::ranges::any_of(entity.attributes, &Attribute::transient)) {
    Representation as = subscription.as;
    as.now = now;
    shown = AppendEntity(out, entity, as);
  } else {
    shown = AppendEntity(out, entity, subscription.as);
  }
  if (shown) return out;
  // attributes or pick leave nothing: still it is told which entity it was.
  return json::ToString(json::Object{{"id", entity.id}, {"type", TypesOf(subscription, entity)}});
}

std::string ChangeNotification(const CompiledSubscription& subscription, const EntityChange& change, TimePoint now) {
  const std::string id = NotificationId(subscription, change.position);
  if (change.after == nullptr) return Envelope(subscription, id, {DeletedText(subscription, change)}, now);
  if (!HasMarks(subscription, change))
    return Envelope(subscription, id, {EntityText(subscription, *change.after, now)}, now);
  const Marked marked{subscription, change};
  return Envelope(subscription, id, {EntityText(subscription, marked.entity(), now)}, now);
}

std::optional<std::string> ChangeNotification(const CompiledSubscription& subscription, const EntityChange& change,
                                              LinkedEntities& linked, TimePoint now) {
  if (!SuitsLinked(subscription, change.entity(), linked)) return std::nullopt;
  if (change.after == nullptr) return ChangeNotification(subscription, change, now);
  std::optional<Marked> marked;
  if (HasMarks(subscription, change)) marked.emplace(subscription, change);
  const Entity& shown = marked ? marked->entity() : *change.after;
  return Envelope(subscription, NotificationId(subscription, change.position),
                  Joined(subscription, {&shown}, linked, now), now);
}

std::string TimeNotification(const CompiledSubscription& subscription, const std::vector<std::string>& entities,
                             TimePoint now) {
  return Envelope(subscription, NotificationId(subscription, now), entities, now);
}

std::optional<std::string> TimeNotification(const CompiledSubscription& subscription,
                                            const std::vector<LinkedEntities::Found>& entities, LinkedEntities& linked,
                                            TimePoint now) {
  std::vector<const Entity*> suiting;
  for (const auto& entity : entities) {
    if (SuitsLinked(subscription, *entity, linked)) suiting.push_back(entity.get());
  }
  if (suiting.empty()) return std::nullopt;
  return TimeNotification(subscription, Joined(subscription, suiting, linked, now), now);
}

const Entity* LinkedEntities::Find(const std::string& id) {
  if (id == context::kNull) return nullptr;
  const auto known = known_.find(id);
  if (known != known_.end()) return known->second.get();
  if (known_.size() + unknown_.size() < kMost) {
    unknown_.insert(id);
  } else if (!unknown_.contains(id)) {
    cut_ = true;
  }
  return nullptr;
}

std::vector<std::string> LinkedEntities::TakeUnknown() {
  std::vector<std::string> ids{unknown_.begin(), unknown_.end()};
  unknown_.clear();
  return ids;
}

}  // namespace bongsu::ngsi
