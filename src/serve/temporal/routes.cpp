// SPDX-License-Identifier: Apache-2.0
#include "serve/temporal/routes.hpp"

#include <algorithm>
#include <array>

#include "serve/ngsi/handlers.hpp"
#include "serve/ngsi/routes.hpp"
#include "serve/ngsi/uri.hpp"
#include "serve/temporal/time_query.hpp"

namespace bongsu::temporal {
namespace {

using Parts = std::span<const std::string>;

struct Operation {
  std::string_view method;
  std::string_view path;  ///< Below /ngsi-ld/v1/temporal.
  ngsi::Exchange::Needs needs;
  void (*run)(const TemporalHouse&, const ExchangePtr&, Parts);
};

const std::vector<Operation>& Operations() {
  static const std::vector<Operation> kOperations{
      {"POST",
       "entities",
       {false, true, false, {"local"}},
       [](auto& house, auto& exchange, Parts) { CreateEvolution(house, exchange); }},
      {"GET",
       "entities",
       {false, false, false, QueryParameters()},
       [](auto& house, auto& exchange, Parts) { QueryEvolutions(house, exchange); }},
      {"GET",
       "entities/*",
       {false, false, false, RetrieveParameters()},
       [](auto& house, auto& exchange, Parts parts) { RetrieveEvolution(house, exchange, parts[1]); }},
      {"DELETE",
       "entities/*",
       {false, false, false, {"local"}},
       [](auto& house, auto& exchange, Parts parts) { DeleteEvolution(house, exchange, parts[1]); }},
      {"POST",
       "entities/*/attrs",
       {false, true, false, {"local"}},
       [](auto& house, auto& exchange, Parts parts) { AddInstances(house, exchange, parts[1]); }},
      {"DELETE",
       "entities/*/attrs/*",
       {false, false, false, {"local", "datasetId", "deleteAll"}},
       [](auto& house, auto& exchange, Parts parts) { DeleteAttributeHistory(house, exchange, parts[1], parts[3]); }},
      {"PATCH",
       "entities/*/attrs/*/*",
       {false, true, false, {"local"}},
       [](auto& house, auto& exchange, Parts parts) {
         ReplaceInstance(house, exchange, parts[1], parts[3], parts[4]);
       }},
      {"DELETE",
       "entities/*/attrs/*/*",
       {false, false, false, {"local"}},
       [](auto& house, auto& exchange, Parts parts) { DeleteInstance(house, exchange, parts[1], parts[3], parts[4]); }},
      {"POST",
       "entityOperations/query",
       {false, true, false, BodyQueryParameters()},
       [](auto& house, auto& exchange, Parts) { QueryEvolutionsByBody(house, exchange); }},
  };
  return kOperations;
}

void NoOperation(const api::Call& call, const http::Respond& respond, Parts parts) {
  std::string allowed;
  for (const auto& operation : Operations()) {
    if (ngsi::Fits(operation.path, parts)) allowed += (allowed.empty() ? "" : ", ") + std::string(operation.method);
  }
  const bool no_name = parts.size() > 2 && parts[0] == "entities" &&
                       std::ranges::any_of(parts, [](const std::string& part) { return part.empty(); });
  if (no_name)
    return respond(ngsi::Problem(ngsi::BadData("the address leaves out the entity or the attribute").value()));
  if (!allowed.empty()) return respond(ngsi::MethodNotAllowed(allowed));
  if (!parts.empty() && parts[0] == "entityMaps") return respond(ngsi::NotBuilt("temporal/entityMaps"));
  respond(
      ngsi::Problem({Code::kNotFound, "ngsi.ResourceNotFound", fmt::format("nothing is at {}", call.request.path)}));
}

void Dispatch(const TemporalHouse& house, api::Call call, http::Respond respond) {
  const auto& segments = call.request.segments;
  std::vector<std::string> parts(segments.begin() + 3, segments.end());  // behind ngsi-ld/v1/temporal
  if (!parts.empty() && parts.back().empty()) parts.pop_back();          // a trailing slash names the same
  const auto operation = std::ranges::find_if(
      Operations(), [&](const Operation& o) { return o.method == call.request.method && ngsi::Fits(o.path, parts); });
  if (operation == Operations().end()) return NoOperation(call, respond, parts);
  const ngsi::ExchangePtr exchange = ngsi::MakeExchange(house.service, std::move(call), std::move(respond));
  if (!exchange->Prepare(operation->needs)) return;
  if (parts.size() > 1 && parts[0] == "entities" && !ngsi::IsUri(parts[1]))
    return exchange->Refuse(ngsi::BadData("'{}' is no URI", parts[1].substr(0, 120)).value());
  if (const auto local = exchange->Flag("local"); !local) return exchange->Refuse(local.error());
  operation->run(house, exchange, parts);
}

/// Operations with the names the contract gives to their variable parts.
std::vector<api::Operation> ServedOperations() {
  constexpr std::array<std::string_view, 3> kNames{"{id}", "{name}", "{instance}"};
  std::vector<api::Operation> served;
  for (const Operation& operation : Operations()) {
    std::string path{operation.path};
    for (const auto name : kNames) {
      if (const auto at = path.find('*'); at != std::string::npos) path.replace(at, 1, name);
    }
    served.push_back({std::string(operation.method), "/ngsi-ld/v1/temporal/" + path});
  }
  return served;
}

}  // namespace

api::Routes TemporalRoutes(const TemporalHouse& house) {
  const api::Handler handler = [house](api::Call call, http::Respond respond) {
    Dispatch(house, std::move(call), std::move(respond));
  };
  using enum guard::Permission;
  return {{"GET", "/ngsi-ld/v1/temporal/**", kReadContext, handler},
          {"POST", "/ngsi-ld/v1/temporal/entityOperations/query", kReadContext, handler},
          {"*", "/ngsi-ld/v1/temporal/**", kWriteContext, handler, ServedOperations()}};
}

}  // namespace bongsu::temporal
