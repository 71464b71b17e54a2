// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What the messages of one kind mean: which event they are and which entities they change. Declared in a pack, checked
/// when loaded (docs/formats/mapping.md), a plain function afterwards: message in, event and changes out.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "guard/sealing/attributes.hpp"
#include "guard/sealing/keyring.hpp"
#include "model/entity_patch.hpp"
#include "model/event.hpp"
#include "sense/ingest/value_spec.hpp"

namespace bongsu::ingest {

/// kConnector: the bytes of a protocol that a connector reads (its word is beside it).
enum class Format : std::uint8_t { kJson, kForm, kCsvLine, kText, kConnector };

/// How to read bytes as a document, beside the format itself.
struct FormatSpec {
  Format format = Format::kJson;
  std::string word = "json";         ///< As the mapping writes it.
  std::vector<std::string> columns;  ///< csv-line
  char separator = ',';              ///< csv-line
  Pattern pattern;                   ///< text
};

/// What one message (or one element of it) came to mean.
struct Meaning {
  model::Event event;             ///< position and received_at are not set yet
  bool without_identity = false;  ///< `id: none`: never a duplicate
  std::vector<model::EntityPatch> patches;
  /// Values that are declared personal, still readable: the gate seals them before anything is kept.
  struct Personal {
    sealing::DataClass data_class;
    std::optional<std::size_t> patch;  ///< Of which entity change; nothing: of the event's fields.
    std::string name;                  ///< Of the field, or the attribute's IRI.
  };
  std::vector<Personal> personal;
  sealing::Belongs belongs;  ///< What they belong to, when the mapping says it.
};

/// What a mapping asks of the house; called on the source's own shard.
struct Surroundings {
  std::function<std::optional<model::Place>(std::string_view entity)> place_of;
  std::function<std::optional<bool>(model::LatLon)> in_city;  ///< Nothing when no boundary is known.
};

class Mapping {
 public:
  /// @errors kInvalidArgument mapping.* (FILE:LINE:COLUMN in the message)
  static Result<Mapping> Load(const yaml::Node& document, std::string_view file);

  const std::string& id() const { return id_; }
  const FormatSpec& format() const { return format_; }

  /// What can be said before the bytes are read: the topic.
  bool MatchesTopic(std::string_view topic) const;
  /// The rest of `match`; fills `groups`.
  bool Matches(const Scope& scope, Groups& groups) const;

  /// One result an element (one in all without `each`); an error is why that element is refused.
  std::vector<Result<Meaning>> Apply(Scope scope, const Surroundings& surroundings) const;
  bool ignores() const { return ignore_; }
  /// True when it declares a value personal: then what it refuses is held sealed.
  bool has_personal() const { return has_personal_; }
  /// True when it writes an attribute that is personal whoever writes it.
  bool Writes(const sealing::PersonalAttributes& personal) const;

 private:
  struct PlaceSpec {
    std::optional<ValueSpec> lat, lon, entity, accuracy_m, name, address, district, floor;
    std::string crs;
    enum class Outside : std::uint8_t { kFlag, kQuarantine, kDrop } outside = Outside::kFlag;
  };
  enum class AttributeKind : std::uint8_t { kProperty, kRelationship, kLanguage, kGeo };
  struct AttributeSpec {
    std::string name;  ///< IRI
    AttributeKind kind = AttributeKind::kProperty;
    std::string unit;
    std::optional<sealing::DataClass> personal;
    std::optional<ValueSpec> value, lon, lat;
  };
  struct EntitySpec {
    std::optional<ValueSpec> id;
    std::optional<ValueSpec> type;  ///< Short name or IRI.
    Conditions where;
    std::vector<AttributeSpec> attributes;
  };
  struct MatchSpec {
    std::string topic, host, app, msgid;
    Pattern msg_pattern;
    Conditions conditions;
  };

  Result<void> LoadFormat(const yaml::Node& document, std::string_view file);
  Result<void> LoadMatch(const yaml::Node& node, std::string_view file);
  Result<void> LoadEvent(const LoadContext& context, const yaml::Node& node);
  Result<void> LoadPlace(const LoadContext& context, const yaml::Node& node);
  Result<void> LoadEntity(const LoadContext& context, const yaml::Node& node);
  Result<void> LoadBelongs(const LoadContext& context, const yaml::Node& node);
  Result<std::optional<sealing::DataClass>> LoadPersonal(std::string_view file, const yaml::Node& value);
  Result<AttributeSpec> LoadAttribute(const LoadContext& context, const yaml::Member& member);

  Result<Meaning> ApplyOne(const Scope& scope, const Surroundings& surroundings) const;
  Result<void> ApplyPlace(const Scope& scope, const Surroundings& surroundings, model::Event& event) const;
  Result<void> ApplyEntity(const EntitySpec& spec, const Scope& scope, Meaning& meaning) const;

  std::string id_;
  FormatSpec format_;
  MatchSpec match_;
  std::optional<Reference> each_;
  bool ignore_ = false;
  // The event.
  std::optional<ValueSpec> type_, identity_, time_, entity_, admission_;
  bool no_identity_ = false;
  model::EventClass class_ = model::EventClass::kHappening;
  std::optional<ValueSpec> category_, product_, service_;
  std::optional<PlaceSpec> place_;
  struct FieldSpec {
    std::string name;
    ValueSpec value;
    std::optional<sealing::DataClass> personal;
  };
  std::vector<FieldSpec> fields_;
  std::optional<ValueSpec> belongs_;  ///< Names the case or person.
  sealing::Belongs::To belongs_to_ = sealing::Belongs::To::kDay;
  bool has_personal_ = false;
  std::vector<EntitySpec> entities_;
};

/// Mappings by id.
class MappingSet {
 public:
  /// Lets mappings read a format that a connector brings; before AddFile.
  void AllowFormat(std::string word) { formats_.insert(std::move(word)); }
  /// Adds every document of a file. @errors kInvalidArgument mapping.* (also an id that is taken)
  Result<void> AddFile(std::string_view text, std::string_view file);
  std::shared_ptr<const Mapping> Find(std::string_view id) const;
  std::size_t size() const { return by_id_.size(); }

 private:
  std::set<std::string, std::less<>> formats_;  ///< Of connectors.
  std::map<std::string, std::shared_ptr<const Mapping>, std::less<>> by_id_;
};

/// True when the MQTT filter (+ and #) takes the topic. Source: MQTT 5.0 section 4.7.
bool TopicMatches(std::string_view filter, std::string_view topic);
/// True when `pattern`, in which * stands for any letters, is `text`.
bool GlobMatches(std::string_view pattern, std::string_view text);

}  // namespace bongsu::ingest
