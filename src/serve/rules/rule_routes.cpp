// SPDX-License-Identifier: Apache-2.0
#include "serve/rules/rule_routes.hpp"

#include <algorithm>
#include <charconv>

#include "serve/api/query.hpp"

namespace bongsu::api {
namespace {

constexpr std::size_t kMostItems = 1000;
constexpr std::size_t kItems = 100;

/// The author's version, a number; what follows the point names the text.
std::int64_t VersionOf(std::string_view version) {
  std::int64_t number = 0;
  std::from_chars(version.data(), version.data() + version.size(), number);
  return number;
}

json::Value ToJson(const rules::Rule& rule, const RuleSources& sources, bool whole) {
  json::Value out;
  out.Set("id", rule.id);
  out.Set("version", VersionOf(rule.version));
  if (rule.number != 0) out.Set("number", rule.number);
  out.Set("title", model::ToJson(model::LText{rule.title.ko.text(), rule.title.en.text()}));
  out.Set("service", rule.service);
  out.Set("severity", rule.severity == 0 ? json::Value{} : json::Value{rule.severity});
  out.Set("enabled", true);
  if (!rule.procedure.empty()) out.Set("procedure", rule.procedure);
  out.Set("position", rule.position);
  out.Set("bytes_bound", rule.BytesBound());
  if (sources.matches) out.Set("matches", sources.matches(rule.id));
  if (whole) out.Set("text", rule.written);
  return out;
}

json::Value ToJson(const model::Finding& finding) {
  json::Value out;
  out.Set("id", ToText(finding.id));
  out.Set("rule", finding.rule);
  out.Set("rule_version", VersionOf(finding.rule_version));
  out.Set("key", finding.key);
  // What was taken back is a correction to who reads the list.
  out.Set("status",
          finding.status == model::FindingStatus::kWithdrawn ? "corrected" : model::StatusName(finding.status));
  out.Set("revision", static_cast<std::int64_t>(finding.revision));
  out.Set("at", FormatUtc(finding.last_at));
  out.Set("window_start", FormatUtc(finding.window_start));
  out.Set("alarm", finding.severity == 0
                       ? json::Value{}
                       : json::Value{ToText(model::AlarmIdOf(finding.tenant, finding.rule, finding.key))});
  out.Set("values",
          finding.explanation["values"].IsObject() ? finding.explanation["values"] : json::Value{json::Object{}});
  json::Array events;
  for (const model::Position& position : finding.events)
    events.emplace_back(fmt::format("{}/{}", position.partition, position.seq));
  out.Set("events", std::move(events));
  return out;
}

json::Value Page(json::Array items, std::size_t skip, std::size_t limit, bool more) {
  json::Value out;
  out.Set("items", std::move(items));
  if (more) out.Set("next", std::to_string(skip + limit));
  return out;
}

Result<http::Response> ListRules(const Call& call, const RuleSources& sources) {
  BONGSU_TRY(const std::size_t limit, LimitOf(call.request, kItems, kMostItems));
  BONGSU_TRY(const std::size_t skip, NumberOf(call.request, "cursor", 0, 0, 1'000'000));
  const auto service = call.request.Query("service");
  const auto set = sources.rules();
  json::Array items;
  std::size_t seen = 0;
  bool more = false;
  for (const rules::RulePtr& rule : set->rules()) {
    if (service && rule->service != *service) continue;
    if (seen++ < skip) continue;
    more = items.size() == limit;
    if (more) break;
    items.push_back(ToJson(*rule, sources, false));
  }
  json::Value out = Page(std::move(items), skip, limit, more);
  out.Set("version", set->version());
  return http::JsonResponse(200, out);
}

Result<http::Response> GetRule(const Call& call, const RuleSources& sources) {
  const std::string& id = call.params.at("id");
  const rules::RulePtr rule = sources.rules()->Find(id);
  if (rule == nullptr) return Fail(Code::kNotFound, "rules.unknown", "no rule is named \"{}\"", id);
  return http::JsonResponse(200, ToJson(*rule, sources, true));
}

Result<FindingQuery> QueryOf(const Call& call) {
  FindingQuery query;
  query.tenant = call.caller.tenant;
  query.rule = call.request.Query("rule").value_or("");
  BONGSU_TRY(query.limit, LimitOf(call.request, kItems, kMostItems));
  BONGSU_TRY(query.skip, NumberOf(call.request, "cursor", 0, 0, 1'000'000));
  if (const auto alarm = call.request.Query("alarm")) {
    BONGSU_TRY(query.alarm, HashFromText(*alarm));
  }
  if (const auto since = call.request.Query("since")) {
    BONGSU_TRY(query.since, ParseTime(*since));
  }
  return query;
}

Handler Answering(Result<http::Response> (*answer)(const Call&, const RuleSources&),
                  const std::shared_ptr<const RuleSources>& sources) {
  return [answer, sources](const Call& call, const http::Respond& respond) {
    auto response = answer(call, *sources);
    respond(response ? std::move(*response) : http::ProblemResponse(response.error()));
  };
}

}  // namespace

Routes RuleRoutes(RuleSources given) {
  const auto sources = std::make_shared<const RuleSources>(std::move(given));
  const Handler findings = [sources](const Call& call, const http::Respond& respond) {
    auto query = QueryOf(call);
    if (!query) return respond(http::ProblemResponse(query.error()));
    const std::size_t limit = query->limit;
    const std::size_t skip = query->skip;
    ++query->limit;  // one more says whether there is a next page
    sources->findings(std::move(*query), [respond, limit, skip](std::vector<model::Finding> found) {
      const bool more = found.size() > limit;
      if (more) found.pop_back();
      json::Array items;
      for (const model::Finding& finding : found) items.push_back(ToJson(finding));
      respond(http::JsonResponse(200, Page(std::move(items), skip, limit, more)));
    });
  };
  const Handler reload = [sources](const Call& call, const http::Respond& respond) {
    if (call.caller.tenant != guard::kPlatformTenant) {
      // All tenants run the same rules.
      return respond(http::ProblemResponse(
          {Code::kPermissionDenied, "rules.not_platform",
           fmt::format("only people of the tenant '{}' reload the rules", guard::kPlatformTenantName)}));
    }
    sources->reload({call.caller.id, call.caller.address}, [respond](const Result<json::Value>& done) {
      respond(done ? http::JsonResponse(200, *done) : http::ProblemResponse(done.error()));
    });
  };
  return {
      {"GET", "/api/v1/rules", guard::Permission::kReadRules, Answering(ListRules, sources)},
      {"GET", "/api/v1/rules/{id}", guard::Permission::kReadRules, Answering(GetRule, sources)},
      {"GET", "/api/v1/findings", guard::Permission::kReadRules, findings},
      {"POST", "/api/v1/rules/reload", guard::Permission::kManageRules, reload},
  };
}

}  // namespace bongsu::api
