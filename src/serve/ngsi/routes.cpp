// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/routes.hpp"

#include <array>
#include <span>

#include "serve/ngsi/handlers.hpp"
#include "serve/ngsi/request_query.hpp"
#include "serve/ngsi/uri.hpp"

namespace bongsu::ngsi {
namespace {

using Parts = std::span<const std::string>;
using Run = void (*)(ContextService&, const ExchangePtr&, Parts);

struct Operation {
  std::string_view method;
  std::string_view path;  ///< Below /ngsi-ld/v1; "*" is one variable part.
  Exchange::Needs needs;
  Run run;
};

NameSet Names(std::initializer_list<std::string_view> names) { return {names.begin(), names.end()}; }

Exchange::Needs Reads(NameSet parameters, bool geo = false) { return {geo, false, false, std::move(parameters)}; }
Exchange::Needs Writes(std::initializer_list<std::string_view> parameters = {}) {
  return {false, true, false, Names(parameters)};
}
Exchange::Needs Batches(std::initializer_list<std::string_view> parameters = {}) {
  return {false, true, true, Names(parameters)};
}

const std::vector<Operation>& Operations() {
  static const std::vector<Operation> kOperations = [] {
    std::vector<Operation> all;
    const auto add = [&](std::string_view method, std::string_view path, Exchange::Needs needs, Run run) {
      all.push_back({method, path, std::move(needs), run});
    };
    add("POST", "entities", Writes({"local"}), [](auto& s, auto& e, Parts) { CreateEntity(s, e); });
    add("GET", "entities", Reads(QueryParameters(), true), [](auto& s, auto& e, Parts) { QueryEntities(s, e); });
    add("DELETE", "entities", Reads(PurgeParameters()), [](auto& s, auto& e, Parts) { PurgeEntities(s, e); });
    add("GET", "entities/*", Reads(RetrieveParameters(), true),
        [](auto& s, auto& e, Parts p) { RetrieveEntity(s, e, p[1]); });
    add("PUT", "entities/*", Writes({"local", "type"}), [](auto& s, auto& e, Parts p) { ReplaceEntity(s, e, p[1]); });
    add("PATCH", "entities/*", Writes({"local", "type", "format", "options", "lang", "observedAt"}),
        [](auto& s, auto& e, Parts p) { MergeEntity(s, e, p[1]); });
    add("DELETE", "entities/*", Reads(Names({"local", "type"})),
        [](auto& s, auto& e, Parts p) { DeleteEntity(s, e, p[1]); });
    add("POST", "entities/*/attrs", Writes({"local", "type", "options"}),
        [](auto& s, auto& e, Parts p) { AppendAttributes(s, e, p[1]); });
    add("PATCH", "entities/*/attrs", Writes({"local", "type"}),
        [](auto& s, auto& e, Parts p) { UpdateAttributes(s, e, p[1]); });
    add("PATCH", "entities/*/attrs/*", Writes({"local", "type"}),
        [](auto& s, auto& e, Parts p) { PatchAttribute(s, e, p[1], p[3]); });
    add("PUT", "entities/*/attrs/*", Writes({"local", "type"}),
        [](auto& s, auto& e, Parts p) { ReplaceAttribute(s, e, p[1], p[3]); });
    add("DELETE", "entities/*/attrs/*", Reads(Names({"local", "type", "datasetId", "deleteAll"})),
        [](auto& s, auto& e, Parts p) { DeleteAttribute(s, e, p[1], p[3]); });
    add("POST", "entityOperations/create", Batches({"local"}), [](auto& s, auto& e, Parts) { BatchCreate(s, e); });
    add("POST", "entityOperations/upsert", Batches({"local", "options"}),
        [](auto& s, auto& e, Parts) { BatchUpsert(s, e); });
    add("POST", "entityOperations/update", Batches({"local", "options"}),
        [](auto& s, auto& e, Parts) { BatchUpdate(s, e); });
    add("POST", "entityOperations/merge", Batches({"local"}), [](auto& s, auto& e, Parts) { BatchMerge(s, e); });
    add("POST", "entityOperations/delete", {false, true, true, Names({"local"})},
        [](auto& s, auto& e, Parts) { BatchDelete(s, e); });
    add("POST", "entityOperations/query",
        {true, true, false, Names({"limit", "offset", "count", "options", "format", "local", "lang", "datasetId"})},
        [](auto& s, auto& e, Parts) { QueryByBody(s, e); });
    add("GET", "types", Reads(Names({"details", "local"})), [](auto& s, auto& e, Parts) { ListTypes(s, e); });
    add("GET", "types/*", Reads(Names({"local"})), [](auto& s, auto& e, Parts p) { ShowType(s, e, p[1]); });
    add("GET", "attributes", Reads(Names({"details", "local"})), [](auto& s, auto& e, Parts) { ListAttributes(s, e); });
    add("GET", "attributes/*", Reads(Names({"local"})), [](auto& s, auto& e, Parts p) { ShowAttribute(s, e, p[1]); });
    add("POST", "subscriptions", Writes(), [](auto& s, auto& e, Parts) { CreateSubscription(s, e); });
    add("GET", "subscriptions", Reads(Names({"limit", "offset", "count", "options"})),
        [](auto& s, auto& e, Parts) { ListSubscriptions(s, e); });
    add("GET", "subscriptions/*", Reads(Names({"options"})),
        [](auto& s, auto& e, Parts p) { ShowSubscription(s, e, p[1]); });
    add("PATCH", "subscriptions/*", Writes(), [](auto& s, auto& e, Parts p) { UpdateSubscription(s, e, p[1]); });
    add("DELETE", "subscriptions/*", Reads({}), [](auto& s, auto& e, Parts p) { DeleteSubscription(s, e, p[1]); });
    add("POST", "jsonldContexts", {false, true, false, {}, true}, [](auto& s, auto& e, Parts) { AddContext(s, e); });
    add("GET", "jsonldContexts", Reads(Names({"details", "kind"})),
        [](auto& s, auto& e, Parts) { ListContexts(s, e); });
    add("GET", "jsonldContexts/*", Reads(Names({"details"})),
        [](auto& s, auto& e, Parts p) { ShowContext(s, e, p[1]); });
    add("DELETE", "jsonldContexts/*", Reads(Names({"reload"})),
        [](auto& s, auto& e, Parts p) { DeleteContext(s, e, p[1]); });
    return all;
  }();
  return kOperations;
}

/// Known addresses of the standard that are not built yet.
constexpr std::array<std::string_view, 5> kLater{"csourceRegistrations", "csourceSubscriptions", "info", "entityMaps",
                                                 "snapshots"};

void NoOperation(const api::Call& call, const http::Respond& respond, Parts parts) {
  std::string allowed;
  for (const auto& operation : Operations()) {
    if (Fits(operation.path, parts)) allowed += (allowed.empty() ? "" : ", ") + std::string(operation.method);
  }
  const std::string& method = call.request.method;
  const bool on_entities = parts.size() == 1 && parts[0] == "entities";
  const bool no_id = parts.size() > 2 && parts[0] == "entities" && parts[1].empty();
  if (no_id) return respond(Problem(BadData("the address names no entity").value()));
  if (on_entities && (method == "PUT" || method == "PATCH"))
    return respond(Problem(BadData("the address names no entity").value()));
  if (!allowed.empty()) {
    return respond(MethodNotAllowed(allowed));
  }
  if (!parts.empty() && std::ranges::find(kLater, parts[0]) != kLater.end()) return respond(NotBuilt(parts[0]));
  respond(Problem({Code::kNotFound, "ngsi.ResourceNotFound", fmt::format("nothing is at {}", call.request.path)}));
}

void Dispatch(ContextService& service, api::Call call, http::Respond respond) {
  std::vector<std::string> parts(call.request.segments.begin() + 2, call.request.segments.end());  // behind ngsi-ld/v1
  if (!parts.empty() && parts.back().empty()) parts.pop_back();  // a trailing slash names the same
  const auto& operations = Operations();
  const auto operation = std::ranges::find_if(
      operations, [&](const Operation& o) { return o.method == call.request.method && Fits(o.path, parts); });
  if (operation == operations.end()) return NoOperation(call, respond, parts);
  const ExchangePtr exchange = MakeExchange(service, std::move(call), std::move(respond));
  if (!exchange->Prepare(operation->needs)) return;
  if (parts.size() > 1 && (parts[0] == "entities" || parts[0] == "subscriptions") && !IsUri(parts[1])) {
    return exchange->Refuse(BadData("'{}' is no URI", parts[1].substr(0, 120)).value());
  }
  if (const auto local = exchange->Flag("local"); !local) return exchange->Refuse(local.error());
  operation->run(service, exchange, parts);
}

/// The table above as the contract writes it: "/ngsi-ld/v1/entities/{id}/attrs/{name}".
std::vector<api::Operation> ServedOperations() {
  std::vector<api::Operation> served;
  for (const auto& operation : Operations()) {
    std::string path{operation.path};
    for (const std::string_view name : {"{id}", "{name}"}) {
      if (const auto at = path.find('*'); at != std::string::npos) path.replace(at, 1, name);
    }
    served.push_back({std::string(operation.method), "/ngsi-ld/v1/" + path});
  }
  return served;
}

}  // namespace

bool Fits(std::string_view pattern, std::span<const std::string> parts) {
  std::size_t at = 0;
  while (!pattern.empty()) {
    const auto end = std::min(pattern.find('/'), pattern.size());
    if (at == parts.size()) return false;
    const auto part = pattern.substr(0, end);
    if (part == "*" ? parts[at].empty() : part != parts[at]) return false;
    ++at;
    pattern.remove_prefix(std::min(end + 1, pattern.size()));
  }
  return at == parts.size();
}

http::Response MethodNotAllowed(const std::string& allowed) {
  http::Response response = http::JsonResponse(405, json::Object{{"type", "about:blank"},
                                                                 {"title", "method not allowed"},
                                                                 {"detail", "there are: " + allowed},
                                                                 {"status", 405}});
  response.headers.emplace_back("Allow", allowed);
  return response;
}

api::Routes NgsiRoutes(ContextService& service) {
  const api::Handler handler = [&service](api::Call call, http::Respond respond) {
    Dispatch(service, std::move(call), std::move(respond));
  };
  using enum guard::Permission;
  return {{"GET", "/ngsi-ld/v1/**", kReadContext, handler},
          {"POST", "/ngsi-ld/v1/entityOperations/query", kReadContext, handler},
          {"*", "/ngsi-ld/v1/**", kWriteContext, handler, ServedOperations()}};
}

}  // namespace bongsu::ngsi
