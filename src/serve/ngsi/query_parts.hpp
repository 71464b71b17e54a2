// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What queries have in common, whether they stand in an address (request_query.cpp) or in a body (query_body.cpp).

#include "serve/ngsi/projection.hpp"
#include "serve/ngsi/request_query.hpp"

namespace bongsu::ngsi {

context::Expand Expander(const LdContext& context);
/// id, type, scope, or the IRI of an attribute. @errors kInvalidArgument ngsi.BadRequestData
Result<std::string> ReadMember(const Member& member, const LdContext& context);

using Members = std::optional<std::vector<Member>>;
/// attrs, pick and omit together.
Result<void> Project(Representation& out, const LdContext& names, const Members& attrs, const Members& pick,
                     const Members& omit);

Result<void> SetIds(context::Selector& selector, const std::vector<std::string>& ids);
/// The rule against queries that would select everything.
Result<void> CheckNotTooWide(const context::Query& query, bool local);
Result<std::optional<context::GeoQuery>> ReadGeo(const LdContext& context, const std::string& georel,
                                                 const std::string& geometry, const std::string& coordinates,
                                                 const std::string& property);

using Sealed = decltype(context::ValueQuery::Options::sealed);
/// What q may ask of personal attributes in this request.
Sealed SealedOf(Exchange& exchange);
Result<context::ValueQuery> ReadQ(const LdContext& context, std::string_view text,
                                  const std::vector<std::string>& expand_values, Links links = Links::kRefused,
                                  const Sealed& sealed = {});

Result<std::shared_ptr<const context::Ordering>> MakeOrdering(const Exchange& exchange,
                                                              context::Ordering::Request request,
                                                              std::string_view geometry,
                                                              const json::Value& coordinates);
/// The `ordering` of a body.
Result<std::shared_ptr<const context::Ordering>> ReadOrderingBody(const Exchange& exchange, const json::Value& asked);
Result<Join> JoinOf(const std::string& mode, std::size_t levels, const std::vector<std::string>& contained_by,
                    const Representation& representation);

}  // namespace bongsu::ngsi
