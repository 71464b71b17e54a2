// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Changes of the history of attributes, and what names a series and an instance.

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "know/context/context.hpp"
#include "know/history/sample.hpp"
#include "model/entity_patch.hpp"

namespace bongsu::history {

/// The series of an entity's scope stands under this name in the place of an IRI; its values are arrays of scopes, an
/// empty one where the entity has none.
inline constexpr std::string_view kScope = "scope";

/// A series; also, with an empty attribute, all series of an entity.
struct SeriesKey {
  std::uint16_t partition = 0;
  std::uint16_t tenant = 0;
  std::string id;
  std::string attribute;  ///< IRI
  std::string dataset;    ///< Empty: the default instance.
  friend auto operator<=>(const SeriesKey&, const SeriesKey&) = default;
};

struct Change {
  enum class Kind : std::uint8_t {
    kAdd,             ///< `sample` is one more.
    kPut,             ///< `sample` stands in for those with its observedAt.
    kReplace,         ///< The sample `id` says what `sample` says from now on.
    kErase,           ///< The sample `id` goes.
    kClear,           ///< The series goes.
    kClearAttribute,  ///< All series of the attribute go.
    kClearEntity,     ///< All series of the entity go.
  };
  Kind kind = Kind::kAdd;
  std::string attribute;  ///< IRI; empty of kClearEntity.
  std::string dataset;    ///< Empty: the default instance.
  InstanceId id;
  std::string json;  ///< The instance, normalized and expanded; of a deleted one what hung on its value.
  bool deleted = false;
  TimePoint at{};  ///< Ingest time of the record.
};

/// The entity behind a history: what remains known when it is gone.
struct Evolution {
  std::vector<std::string> types;
  TimePoint created{};
  TimePoint deleted{};   ///< 1970: it is there.
  bool cleared = false;  ///< Its history was deleted; it is nothing until a sample comes.
};
std::string Encode(const Evolution& evolution);
/// @errors kCorrupt history.bad_evolution
Result<Evolution> DecodeEvolution(std::string_view bytes);

/// The sample that an instance says. @param json  as in Change
Sample MakeSample(const InstanceId& id, TimePoint modified, std::string_view json, bool deleted);
Sample MakeSample(const Change& change);

/// observedAt as it was written.
void AppendObserved(std::string& out, TimePoint time, std::uint8_t digits);
std::string FormatObserved(TimePoint time, std::uint8_t digits);

/// URN of an instance, and back.
std::string InstanceUrn(std::uint16_t partition, const InstanceId& id);
std::optional<InstanceId> InstanceFromUrn(std::string_view urn);

}  // namespace bongsu::history
