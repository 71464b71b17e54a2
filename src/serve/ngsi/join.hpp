// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Entities with those they link to, from whatever shards own them.
/// Source: GS CIM 009 V1.9.1 clauses 4.5.23 and 4.21; section 6 of our checklist.
///
///   ids ──▶ each owner's shard renders what it has, with its relationships ──▶ next level's ids ──▶ … ──▶ one JSON

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "know/context/selection.hpp"
#include "serve/ngsi/context_service.hpp"
#include "serve/ngsi/representation.hpp"

namespace bongsu::ngsi {

struct Join {
  enum class Mode : std::uint8_t { kNone, kInline, kFlat };
  Mode mode = Mode::kNone;
  std::size_t levels = 1;              ///< Links that are followed from an entity, 1 to kMaxJoinLevel.
  std::set<std::string> contained_by;  ///< Ids that are not put in again.
};

/// Most entities that one answer puts together.
inline constexpr std::size_t kMaxJoined = 10'000;

/// A relationship of an entity that is shown.
struct Link {
  std::string name;  ///< Compacted.
  std::string iri;
  std::vector<std::string> targets;
};
std::vector<Link> LinksOf(const context::Entity& entity, const Representation& as);

/// What is put together at once.
struct Joining {
  std::uint16_t tenant = 0;
  std::shared_ptr<const Representation> as;
  Join join;
  std::size_t memory_bytes = 0;                           ///< Most text in all.
  std::shared_ptr<const context::Query> still = nullptr;  ///< Those of `ids` that do not match it are left out.
};

/// Renders the entities that are there, in the order of `ids`, each with its linked ones inside (inline) or all linked
/// ones behind them, each once (flat).
/// @errors kTooLarge ngsi.TooManyResults: too many, or too much text
void Render(ContextService& service, const std::vector<std::string>& ids, const Joining& joining,
            const std::function<void(Result<std::vector<std::string>>)>& done);

/// An entity as it is shown already, and the relationships it is shown with.
struct Shown {
  const context::Entity* entity = nullptr;
  std::string json;
};
/// Null when there is none of that id.
using FindEntity = std::function<const context::Entity*(const std::string& id)>;

/// The same with linked entities that are at hand. @param memory_bytes  most text in all
/// @errors kTooLarge ngsi.TooManyResults
Result<std::vector<std::string>> Render(std::vector<Shown> roots, const std::shared_ptr<const Representation>& as,
                                        const Join& join, std::size_t memory_bytes, const FindEntity& find);

}  // namespace bongsu::ngsi
