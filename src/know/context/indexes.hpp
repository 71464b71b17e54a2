// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Everything by which the entities of one tenant on one shard can be found but their ids. Types, scopes, places and
/// relationship targets are kept for all entities; values of an attribute only when it is declared or when questions
/// about it cost more looks than an index would (Context::Select decides).

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "know/context/geometry.hpp"
#include "know/context/postings.hpp"
#include "know/context/value_index.hpp"
#include "model/entity_patch.hpp"

namespace bongsu::context {

inline constexpr std::string_view kLocation = "https://uri.etsi.org/ngsi-ld/location";

class Indexes {
 public:
  /// The values of one attribute.
  struct Values {
    ValueIndex index;
    bool declared = false;         ///< By the configuration; else made because it was asked for.
    std::uint64_t used = 0;        ///< When it last answered: the number of that question.
    std::uint64_t maintained = 0;  ///< Changes since.
  };
  using ValuesByName = std::unordered_map<Name, Values>;

  void Add(const Entity& entity);
  void Remove(const Entity& entity);

  /// What the indexes hold of an entity where a patch may change it.
  struct Held {
    std::size_t types = 0;
    std::vector<std::string> scopes;
    bool moves = false;
    std::vector<std::string> locations;
    bool links = false;
    std::vector<std::uint64_t> targets;
    std::vector<std::pair<Name, ValueIndex::Keys>> values;
  };
  /// Before a patch is folded into an entity that stays where it is, and after.
  Held Look(const Entity& entity, const model::EntityPatch& patch) const;
  void Update(const Entity& entity, const Held& before);

  /// Values of an attribute from now on; whoever calls adds the entities that are there (AddValues).
  void Open(Name attribute, bool declared);
  void AddValues(Name attribute, const Entity& entity);
  void Close(Name attribute) { values_.erase(attribute); }

  const std::unordered_map<Name, EntitySet>& types() const { return types_; }
  const std::map<std::string, EntitySet, std::less<>>& scopes() const { return scopes_; }
  const ValuesByName& values() const { return values_; }
  ValuesByName& values() { return values_; }
  std::size_t value_entries() const;

  bool WalkPlace(const Covering& covering, const Visit& visit) const;
  bool WalkTarget(std::string_view attribute_iri, std::string_view target, const Visit& visit) const;
  /// True when every attribute of that name there ever was is a relationship: then targets are all it says.
  bool OnlyRelationships(Name attribute) const;
  /// Attributes that ever linked to something, by name.
  std::vector<Name> Relationships() const;

 private:
  void Leave(const std::string& scope, const Entity& entity);
  void NoteKinds(const Entity& entity);

  std::unordered_map<Name, EntitySet> types_;
  std::map<std::string, EntitySet, std::less<>> scopes_;
  KeyedSet cells_;
  KeyedSet targets_;
  std::unordered_map<Name, std::uint8_t> kinds_;  // 1: a relationship, 2: something else; never taken back
  ValuesByName values_;
};

}  // namespace bongsu::context
