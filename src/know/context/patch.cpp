// SPDX-License-Identifier: Apache-2.0
#include "know/context/patch.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace bongsu::context {
namespace {

using model::PatchOp;

constexpr std::array<std::string_view, 10> kEntityMembers{
    "id", "type", "scope", "@context", "expiresAt", "createdAt", "modifiedAt", "deletedAt", "@id", "@type"};

/// How given instances meet those that are there.
enum class Mode : std::uint8_t { kSet, kKeep, kMerge, kPartial };

std::vector<Name> TypesOf(const json::Value& body, Names& names) {
  std::vector<Name> types;
  const auto add = [&](const json::Value& type) {
    if (!type.IsString()) return;
    const Name name = names.Intern(type.AsString());
    if (std::ranges::find(types, name) == types.end()) types.push_back(name);
  };
  const json::Value& type = body["type"];
  add(type);
  for (const auto& item : type.AsArray()) add(item);
  return types;
}

/// @param scope  text or array of texts
std::vector<std::string> ScopesIn(const json::Value& scope) {
  std::vector<std::string> scopes;
  const auto add = [&](const json::Value& scope) {
    if (!scope.IsString() || IsNgsiNull(scope) || scope.AsString().empty()) return;
    std::string text{scope.AsString()};
    if (text.front() != '/') text.insert(text.begin(), '/');
    if (std::ranges::find(scopes, text) == scopes.end()) scopes.push_back(std::move(text));
  };
  add(scope);
  for (const auto& item : scope.AsArray()) add(item);
  return scopes;
}

void SetScopes(Entity& entity, std::vector<std::string> scopes, TimePoint since) {
  if (entity.scopes == scopes) return;
  entity.scopes = std::move(scopes);
  entity.scoped = since;
}

/// RFC 7396 with the NGSI-LD Null in the place of null.
void Merge(json::Value& target, const json::Value& fragment) {
  if (!fragment.IsObject()) {
    target = fragment;
    return;
  }
  if (!target.IsObject()) target = json::Object{};
  for (const auto& [name, value] : fragment.AsObject()) {
    if (IsNgsiNull(value) || IsDeletion(value)) {
      target.Erase(name);
    } else if (json::Value* there = target.Find(name)) {
      Merge(*there, value);
    } else {
      json::Value fresh;
      Merge(fresh, value);
      target.Set(name, std::move(fresh));
    }
  }
}

/// First-level overwrite: what a partial attribute update does.
void Overwrite(json::Value& target, const json::Value& fragment) {
  for (const auto& [name, value] : fragment.AsObject()) {
    if (IsNgsiNull(value) || IsDeletion(value)) {
      target.Erase(name);
    } else {
      target.Set(name, value);
    }
  }
}

class Folder {
 public:
  Folder(Entity& entity, TimePoint at, Names& names) : entity_{entity}, at_{at}, names_{names} {}

  void Attributes(const json::Value& body, Mode mode) {
    for (const auto& [name, value] : body.AsObject()) {
      if (IsEntityMember(name)) continue;
      const Name interned = names_.Intern(name);
      if (value.IsArray()) {
        for (const auto& instance : value.AsArray()) Instance(interned, instance, mode);
      } else {
        Instance(interned, value, mode);
      }
    }
  }

  bool Delete(Name name, std::string_view dataset, bool all) {
    const auto gone = std::erase_if(entity_.attributes,
                                    [&](const Attribute& a) { return a.name == name && (all || IsOf(a, dataset)); });
    changed_ = changed_ || gone > 0;
    return gone > 0;
  }

  void AddTypes(const json::Value& body) {
    for (const Name type : TypesOf(body, names_)) {
      if (std::ranges::find(entity_.types, type) != entity_.types.end()) continue;
      entity_.types.push_back(type);
      changed_ = true;
    }
  }

  void Touch() { changed_ = true; }
  bool changed() const { return changed_; }

 private:
  static bool IsOf(const Attribute& attribute, std::string_view dataset) {
    if (!attribute.has_dataset) return dataset.empty();
    if (dataset.empty()) return false;
    const auto instance = json::Parse(attribute.json);
    return instance && DatasetOf(*instance) == dataset;
  }

  void Instance(Name name, const json::Value& instance, Mode mode) {
    if (!instance.IsObject()) return;
    const std::string_view dataset = DatasetOf(instance);
    const auto there = std::ranges::find_if(entity_.attributes,
                                            [&](const Attribute& a) { return a.name == name && IsOf(a, dataset); });
    if (IsDeletion(instance)) {
      if (mode != Mode::kKeep) Delete(name, dataset, false);
      return;
    }
    if (there == entity_.attributes.end()) {
      if (mode != Mode::kPartial) Add(name, instance, mode);
      return;
    }
    if (mode == Mode::kKeep) return;
    changed_ = true;
    if (mode == Mode::kSet) {
      SetInstance(*there, instance, at_, scratch_);
    } else {
      SetInstance(*there, Combined(*there, instance, mode), at_, scratch_);
    }
  }

  /// A new instance goes behind the last one of its name.
  void Add(Name name, const json::Value& instance, Mode mode) {
    const auto last = std::find_if(entity_.attributes.rbegin(), entity_.attributes.rend(),
                                   [&](const Attribute& a) { return a.name == name; });
    const auto where = last == entity_.attributes.rend() ? entity_.attributes.end() : last.base();
    Attribute& added = *entity_.attributes.insert(where, Attribute{});
    added.name = name;
    added.created = at_;
    changed_ = true;
    if (mode != Mode::kMerge) return SetInstance(added, instance, at_, scratch_);
    json::Value fresh;
    Merge(fresh, instance);
    SetInstance(added, fresh, at_, scratch_);
  }

  static json::Value Combined(const Attribute& there, const json::Value& instance, Mode mode) {
    auto before = json::Parse(there.json);
    const std::string_view type = instance["type"].AsString();
    if (!before || (!type.empty() && type != KindName(there.kind))) return instance;
    if (mode == Mode::kMerge) {
      Merge(*before, instance);
    } else {
      Overwrite(*before, instance);
    }
    return std::move(*before);
  }

  Entity& entity_;
  TimePoint at_;
  Names& names_;
  bool changed_ = false;
  std::string scratch_;
};

void SetExpiry(Entity& entity, const json::Value& body) {
  const json::Value* expires = body.Find("expiresAt");
  if (expires == nullptr) return;
  const auto time = ParseTime(expires->AsString());
  entity.expires = time ? *time : kNever;
}

std::unique_ptr<Entity> Build(const model::EntityPatch& patch, TimePoint at, Names& names) {
  auto entity = std::make_unique<Entity>();
  entity->id = patch.id;
  entity->types = TypesOf(patch.body, names);
  SetScopes(*entity, ScopesIn(patch.body["scope"]), at);
  entity->created = at;
  entity->modified = at;
  SetExpiry(*entity, patch.body);
  Folder folder{*entity, at, names};
  folder.Attributes(patch.body, Mode::kSet);
  entity->attributes.shrink_to_fit();
  return entity;
}

Change Replace(std::unique_ptr<Entity>& entity, const model::EntityPatch& patch, TimePoint at, Names& names) {
  auto fresh = Build(patch, at, names);
  fresh->tenant = entity->tenant;
  fresh->partition = entity->partition;
  fresh->changes = entity->changes;
  fresh->created = entity->created;
  auto scopes = std::exchange(fresh->scopes, entity->scopes);
  fresh->scoped = entity->scoped;
  SetScopes(*fresh, std::move(scopes), at);
  if (fresh->types.empty()) fresh->types = entity->types;
  entity = std::move(fresh);
  return Change::kChanged;
}

/// Sets, appends or merges the attributes of a body into an entity that is there.
Change Fold(Entity& entity, const model::EntityPatch& patch, TimePoint at, Names& names) {
  Folder folder{entity, at, names};
  folder.AddTypes(patch.body);
  const bool has_scope = patch.body.Find("scope") != nullptr;
  Mode mode = Mode::kSet;
  switch (patch.op) {
    case PatchOp::kAppendNoOverwrite:
      mode = Mode::kKeep;
      break;
    case PatchOp::kMerge:
      mode = Mode::kMerge;
      break;
    case PatchOp::kPartial:
      mode = Mode::kPartial;
      break;
    default:
      break;
  }
  if (has_scope && mode == Mode::kKeep) {
    std::vector<std::string> scopes = entity.scopes;
    for (auto& scope : ScopesIn(patch.body["scope"])) {
      if (std::ranges::find(scopes, scope) == scopes.end()) scopes.push_back(std::move(scope));
    }
    SetScopes(entity, std::move(scopes), at);
    folder.Touch();
  } else if (has_scope && (patch.op != PatchOp::kUpdate || !entity.scopes.empty())) {
    SetScopes(entity, ScopesIn(patch.body["scope"]), at);
    folder.Touch();
  }
  if (patch.body.Find("expiresAt") != nullptr) {
    SetExpiry(entity, patch.body);
    folder.Touch();
  }
  folder.Attributes(patch.body, mode);
  if (!folder.changed()) return Change::kNothing;
  entity.modified = at;
  return Change::kChanged;
}

Change DeleteAttribute(Entity& entity, const model::EntityPatch& patch, TimePoint at, Names& names) {
  const auto name = patch.body["attribute"].AsString();
  if (name == "scope") {
    if (entity.scopes.empty()) return Change::kNothing;
    SetScopes(entity, {}, at);
  } else {
    Folder folder{entity, at, names};
    const Name known = names.Find(name);
    if (known == nullptr) return Change::kNothing;
    if (!folder.Delete(known, DatasetOf(patch.body), patch.body["deleteAll"].AsBool())) return Change::kNothing;
  }
  entity.modified = at;
  return Change::kChanged;
}

/// When an instance says it was so; `otherwise` when it does not say.
TimePoint TimeOf(const json::Value& instance, TimePoint otherwise) {
  const auto observed = ParseTime(instance["observedAt"].AsString());
  return observed ? *observed : otherwise;
}

/// Scopes as of a time.
struct ScopesTold {
  std::vector<std::string> scopes;
  TimePoint since{};
};

/// What history says last of the scope, the later one of two; nothing when it says nothing.
std::optional<ScopesTold> NewestScopes(const json::Value& body, TimePoint at) {
  const json::Value* scope = body.Find("scope");
  if (scope == nullptr) return std::nullopt;
  if (!IsScopeInstances(*scope)) return ScopesTold{ScopesIn(*scope), at};
  const json::Value* newest = nullptr;
  for (const auto& instance : scope->AsArray()) {
    if (newest == nullptr || TimeOf(instance, at) >= TimeOf(*newest, at)) newest = &instance;
  }
  return ScopesTold{ScopesIn((*newest)["value"]), TimeOf(*newest, at)};
}

/// Of each attribute and datasetId the newest instance, the later one of two, unless the entity has a newer one.
model::EntityPatch Newest(const model::EntityPatch& patch, const Entity* entity, TimePoint at) {
  model::EntityPatch newest{patch.op, patch.id, json::Object{}};
  for (const auto& [name, value] : patch.body.AsObject()) {
    if (name == "scope") continue;  // NewestScopes
    if (IsEntityMember(name)) {
      newest.body.Set(name, value);
      continue;
    }
    std::vector<std::pair<std::string, const json::Value*>> chosen;
    const auto offer = [&](const json::Value& instance) {
      std::string dataset{DatasetOf(instance)};
      const auto there = std::ranges::find(chosen, dataset, &std::pair<std::string, const json::Value*>::first);
      if (there == chosen.end()) {
        chosen.emplace_back(std::move(dataset), &instance);
      } else if (TimeOf(instance, at) >= TimeOf(*there->second, at)) {
        there->second = &instance;
      }
    };
    if (!value.IsArray()) offer(value);
    for (const auto& instance : value.AsArray()) offer(instance);
    if (entity != nullptr) {
      for (const Attribute& attribute : entity->attributes) {
        if (*attribute.name != name) continue;
        const auto now = json::Parse(attribute.json);
        if (!now) continue;
        const TimePoint since = TimeOf(*now, attribute.modified);
        const std::string_view dataset = DatasetOf(*now);
        std::erase_if(chosen, [&](const auto& c) { return c.first == dataset && TimeOf(*c.second, at) < since; });
      }
    }
    json::Array instances;
    for (const auto& [dataset, instance] : chosen) instances.push_back(*instance);
    if (!instances.empty()) newest.body.Set(name, json::Value{std::move(instances)});
  }
  return newest;
}

/// History that comes in late makes the entity what it says last.
Change ApplyTemporal(std::unique_ptr<Entity>& entity, const model::EntityPatch& patch, TimePoint at, Names& names) {
  const bool there = entity && entity->expires > at;
  if (!there && patch.op != PatchOp::kTemporalUpsert) return Change::kNothing;
  if (patch.op != PatchOp::kTemporalUpsert && patch.op != PatchOp::kTemporalAppend) return Change::kNothing;
  auto scopes = NewestScopes(patch.body, at);
  if (!there) {
    entity = Build(Newest(patch, nullptr, at), at, names);
    if (scopes) SetScopes(*entity, std::move(scopes->scopes), scopes->since);
    return Change::kCreated;
  }
  Change change = Fold(*entity, Newest(patch, entity.get(), at), at, names);
  if (!scopes || scopes->since < entity->scoped) return change;
  entity->scopes = std::move(scopes->scopes);
  entity->scoped = scopes->since;
  entity->modified = at;
  return Change::kChanged;
}

}  // namespace

bool IsNgsiNull(const json::Value& value) {
  if (value.IsString()) return value.AsString() == kNull;
  if (value.IsArray())
    return value.AsArray().size() == 1 && value.AsArray()[0].IsString() && value.AsArray()[0].AsString() == kNull;
  if (!value.IsObject() || value.AsObject().size() != 1) return false;
  const auto& [name, only] = value.AsObject()[0];
  return name == "@none" && only.IsString() && only.AsString() == kNull;
}

bool IsDeletion(const json::Value& instance) {
  if (!instance.IsObject()) return false;
  const auto kind = KindFromName(instance["type"].AsString());
  if (!kind) return false;
  const json::Value* value = instance.Find(ValueMember(*kind));
  return value != nullptr && IsNgsiNull(*value);
}

bool IsScopeInstances(const json::Value& scope) {
  return scope.IsArray() && !scope.AsArray().empty() && scope.AsArray().front().IsObject();
}

bool IsEntityMember(std::string_view name) { return std::ranges::find(kEntityMembers, name) != kEntityMembers.end(); }

Change ApplyPatch(std::unique_ptr<Entity>& entity, const model::EntityPatch& patch, TimePoint at, Names& names) {
  if (model::IsTemporal(patch.op)) return ApplyTemporal(entity, patch, at, names);
  if (patch.op == PatchOp::kDelete) {
    if (!entity) return Change::kNothing;
    entity.reset();
    return Change::kDeleted;
  }
  const bool expired = entity && entity->expires <= at;
  if (patch.op == PatchOp::kCreate || (patch.op == PatchOp::kUpsert && (!entity || expired))) {
    entity = Build(patch, at, names);
    return Change::kCreated;
  }
  if (!entity || expired) return Change::kNothing;
  switch (patch.op) {
    case PatchOp::kReplace:
      return Replace(entity, patch, at, names);
    case PatchOp::kDeleteAttribute:
      return DeleteAttribute(*entity, patch, at, names);
    default:
      return Fold(*entity, patch, at, names);
  }
}

}  // namespace bongsu::context
