// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/query_parts.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "serve/ngsi/entity_reader.hpp"
#include "serve/ngsi/uri.hpp"

namespace bongsu::ngsi {
namespace {

using context::Query;
using context::Selector;

/// Names that say nothing about what an entity is.
constexpr std::array<std::string_view, 7> kSystem{"id",         "type",       "scope",    "createdAt",
                                                  "modifiedAt", "observedAt", "expiresAt"};
constexpr std::string_view kCoreNames = "https://uri.etsi.org/ngsi-ld/";

/// pick and omit of an entity and of those it links to.
Result<void> Narrow(Representation& out, const LdContext& names, const std::vector<Member>* pick,
                    const std::vector<Member>* omit) {
  struct Linked {
    const std::vector<Member>* pick = nullptr;
    const std::vector<Member>* omit = nullptr;
  };
  std::map<std::string, Linked> linked;
  if (pick != nullptr) {
    out.pick.emplace();
    for (const Member& member : *pick) {
      BONGSU_TRY(std::string name, ReadMember(member, names));
      if (!member.inside.empty()) linked[name].pick = &member.inside;
      out.pick->insert(std::move(name));
    }
  }
  if (omit != nullptr) {
    out.omit.emplace();
    for (const Member& member : *omit) {
      BONGSU_TRY(std::string name, ReadMember(member, names));
      if (out.pick && out.pick->contains(name) && member.inside.empty())
        return BadData("a member stands in pick and in omit");
      if (!member.inside.empty()) {
        linked[name].omit = &member.inside;
      } else {
        out.omit->insert(std::move(name));
      }
    }
  }
  for (const auto& [relationship, members] : linked) {
    auto representation = std::make_shared<Representation>(*LinkedBy(out, relationship));
    BONGSU_CHECK(Narrow(*representation, names, members.pick, members.omit));
    out.linked.emplace(relationship, std::move(representation));
  }
  return {};
}

}  // namespace

context::Expand Expander(const LdContext& context) {
  return [&context](std::string_view name) { return context.Expand(name); };
}

Result<std::string> ReadMember(const Member& member, const LdContext& context) {
  const std::string& name = member.name;
  if (name != "id" && name != "type" && name != "scope") return ReadName(name, context);
  if (!member.inside.empty()) return BadData("'{}' links to nothing", name);
  return name;
}

Result<void> Project(Representation& out, const LdContext& names, const Members& attrs, const Members& pick,
                     const Members& omit) {
  if (attrs && (pick || omit)) return BadData("attrs does not go together with pick or omit");
  if (attrs) {
    out.attributes.emplace();
    for (const Member& member : *attrs) {
      if (!member.inside.empty()) return BadData("attrs names no members of linked entities");
      BONGSU_TRY(std::string name, ReadMember(member, names));
      out.attributes->insert(std::move(name));
    }
  }
  out.linked_depth = std::max(pick ? DepthOf(*pick) : 0, omit ? DepthOf(*omit) : 0);
  return Narrow(out, names, pick ? &*pick : nullptr, omit ? &*omit : nullptr);
}

Result<void> SetIds(Selector& selector, const std::vector<std::string>& ids) {
  for (const auto& id : ids) {
    if (!IsUri(id)) return BadData("id: '{}' is no URI", id.substr(0, 120));
    selector.ids.insert(id);
  }
  return {};
}

Result<void> CheckNotTooWide(const Query& query, bool local) {
  const auto counts = [](const std::string& name) {
    return std::ranges::none_of(kSystem, [&](std::string_view system) {
      return name == system || (name.starts_with(kCoreNames) && name.substr(kCoreNames.size()) == system);
    });
  };
  const bool typed = !query.selectors.empty() &&
                     std::ranges::all_of(query.selectors, [](const Selector& s) { return s.type.has_value(); });
  if (typed || local || std::ranges::any_of(query.attributes, counts) || query.geo ||
      (query.q && query.q->NamesAnAttribute()))
    return {};
  return BadData("the query is too wide: it needs a type, attrs, q, georel or local=true");
}

Result<std::optional<context::GeoQuery>> ReadGeo(const LdContext& context, const std::string& georel,
                                                 const std::string& geometry, const std::string& coordinates,
                                                 const std::string& property) {
  if (georel.empty()) {
    if (!geometry.empty() || !coordinates.empty() || !property.empty())
      return BadData("geometry, coordinates and geoproperty need georel");
    return std::nullopt;
  }
  BONGSU_TRY(auto query, context::GeoQuery::Parse(georel, geometry, coordinates,
                                                  context.Expand(property.empty() ? "location" : property)));
  return query;
}

Sealed SealedOf(Exchange& exchange) {
  return [&exchange](std::string_view iri, std::string_view text, bool equality) {
    return exchange.SealedStartOf(iri, text, equality);
  };
}

Result<context::ValueQuery> ReadQ(const LdContext& context, std::string_view text,
                                  const std::vector<std::string>& expand_values, Links links, const Sealed& sealed) {
  context::ValueQuery::Options options{Expander(context), {}, links == Links::kFollowed, sealed};
  for (const auto& name : expand_values) options.expand_values.insert(context.Expand(name));
  return context::ValueQuery::Parse(text, options);
}

Result<std::shared_ptr<const context::Ordering>> MakeOrdering(const Exchange& exchange,
                                                              context::Ordering::Request request,
                                                              std::string_view geometry,
                                                              const json::Value& coordinates) {
  if (!coordinates.IsNull()) {
    if (!coordinates.IsArray()) return BadData("the coordinates of an ordering are a JSON array");
    BONGSU_TRY(request.from, context::Geometry::Read(json::Object{{"type", geometry}, {"coordinates", coordinates}}));
  }
  BONGSU_TRY(auto ordering, context::Ordering::Make(std::move(request), Expander(*exchange.context())));
  return std::make_shared<const context::Ordering>(std::move(ordering));
}

Result<Join> JoinOf(const std::string& mode, std::size_t levels, const std::vector<std::string>& contained_by,
                    const Representation& representation) {
  Join join;
  if (!mode.empty() && mode != "@none") {
    if (mode != "inline" && mode != "flat")
      return BadData("join is inline, flat or @none, not '{}'", mode.substr(0, 40));
    join.mode = mode == "flat" ? Join::Mode::kFlat : Join::Mode::kInline;
  }
  if (levels == 0) return BadData("joinLevel is a positive whole number");
  if (levels > kMaxJoinLevel)
    return Fail(Code::kTooLarge, "ngsi.TooComplexQuery", "joinLevel is at most {}", kMaxJoinLevel);
  join.levels = levels;
  join.contained_by.insert(contained_by.begin(), contained_by.end());
  const std::size_t reach = join.mode == Join::Mode::kNone ? 0 : levels;
  if (representation.linked_depth > reach)
    return BadData("pick and omit name {} levels of linked entities, join reaches {}", representation.linked_depth,
                   reach);
  return join;
}

}  // namespace bongsu::ngsi
