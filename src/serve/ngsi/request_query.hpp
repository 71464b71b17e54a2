// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What a consumption request asks for, from URL parameters or from a Query body.
/// Source: GS CIM 009 V1.9.1 clauses 5.2.23, 5.7.2, 6.4.3.2; sections 7 to 9 of our checklist.

#include <array>
#include <span>

#include "know/context/ordering.hpp"
#include "know/context/selection.hpp"
#include "serve/ngsi/exchange.hpp"
#include "serve/ngsi/join.hpp"
#include "serve/ngsi/representation.hpp"

namespace bongsu::ngsi {

inline constexpr std::size_t kDefaultLimit = 20;
inline constexpr std::size_t kMaxLimit = 1000;

struct Page {
  std::size_t limit = kDefaultLimit;
  std::size_t offset = 0;
  bool count = false;
};

/// Parameters of GET /entities that are answered.
const std::set<std::string, std::less<>>& QueryParameters();
const std::set<std::string, std::less<>>& RetrieveParameters();

const std::set<std::string, std::less<>>& PurgeParameters();

/// @errors kNotSupported ngsi.OperationNotSupported for join, orderBy, entityMap … that are asked for
Result<void> RefuseNotBuilt(const Exchange& exchange);
/// @errors kInvalidArgument ngsi.BadRequestData, ngsi.InvalidRequest; kTooLarge ngsi.TooManyResults
/// @param most  that `limit` may ask for
Result<Page> ReadPage(const Exchange& exchange, std::size_t most = kMaxLimit);
/// Words of `options` and `format` for entities as they are.
inline constexpr std::array<std::string_view, 5> kEntityOptions{"normalized", "concise", "simplified", "keyValues",
                                                                "sysAttrs"};
Result<Representation> ReadRepresentation(const Exchange& exchange, TimePoint now,
                                          std::span<const std::string_view> options = kEntityOptions);
/// Whether q may ask linked entities (relationship{path}).
enum class Links : std::uint8_t { kRefused, kFollowed };
Result<context::Query> ReadQuery(Exchange& exchange, const Representation& representation, TimePoint now,
                                 Links links = Links::kRefused);
/// Attribute names of a list parameter as IRIs; none when it was not given. @errors kInvalidArgument
/// ngsi.BadRequestData
Result<std::optional<NameSet>> ReadNames(const Exchange& exchange, std::string_view parameter);
/// The type parameter of a request about one entity; none when it was not given. @errors kInvalidArgument
/// ngsi.BadRequestData
Result<std::optional<context::TypeQuery>> ReadTypeFilter(const Exchange& exchange);
/// join, joinLevel, containedBy of the address or the body. @errors kInvalidArgument ngsi.BadRequestData
Result<Join> ReadJoin(const Exchange& exchange, const Representation& representation);
/// orderBy with orderFrom, orderGeometry, collation, or the body's `ordering`; null when no order is asked for.
/// @errors kInvalidArgument ngsi.BadRequestData
Result<std::shared_ptr<const context::Ordering>> ReadOrdering(const Exchange& exchange);
/// From the body of POST /entityOperations/query; narrows `representation` by the body's attrs, pick, omit, lang.
Result<context::Query> ReadQueryBody(Exchange& exchange, const json::Value& body, Representation& representation,
                                     TimePoint now, Links links = Links::kRefused);

/// A Link header to another page: what was asked, by name. Relative, as the suites compare it.
/// @param path  below /ngsi-ld/v1/
std::string PageLink(const Exchange& exchange, std::string_view path, const Page& page, std::size_t offset,
                     std::string_view rel);
/// entities, q (which may ask linked entities), geoQ and scopeQ of a subscription's body; "entities" may be missing.
Result<context::Query> ReadSubscriptionQuery(const json::Value& body, const LdContext& context);
/// join, joinLevel and containedBy of a body. @errors kInvalidArgument ngsi.BadRequestData
Result<Join> ReadJoin(const json::Value& body, const Representation& representation);
/// The lists `attributes` (by the name it has there), pick and omit of a body, into `representation`, which is set
/// otherwise.
/// @param names  what their names are expanded by @errors kInvalidArgument ngsi.BadRequestData
Result<void> ReadProjection(const json::Value& body, std::string_view attributes, const LdContext& names,
                            Representation& representation);
/// A non-empty array of names, expanded; nothing when `body` has none of that name. id, type and scope stay as they
/// are.
Result<std::optional<NameSet>> ReadNameList(const json::Value& body, std::string_view name, const LdContext& context);

}  // namespace bongsu::ngsi
