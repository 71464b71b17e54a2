// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/subscription_reader.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "know/context/context.hpp"
#include "know/context/patch.hpp"
#include "serve/ngsi/request_query.hpp"
#include "serve/ngsi/uri.hpp"

namespace bongsu::ngsi {
namespace {

using notifications::Endpoint;
using notifications::Subscription;

constexpr std::array<std::string_view, 8> kReadOnly{"status",      "createdAt",        "modifiedAt",  "timesSent",
                                                    "timesFailed", "lastNotification", "lastSuccess", "lastFailure"};
constexpr std::array<std::string_view, 24> kMembers{"id",
                                                    "type",
                                                    "subscriptionName",
                                                    "description",
                                                    "entities",
                                                    "notificationTrigger",
                                                    "watchedAttributes",
                                                    "timeInterval",
                                                    "q",
                                                    "geoQ",
                                                    "csf",
                                                    "isActive",
                                                    "notification",
                                                    "expiresAt",
                                                    "throttling",
                                                    "temporalQ",
                                                    "scopeQ",
                                                    "lang",
                                                    "jsonldContext",
                                                    "datasetId",
                                                    "localOnly",
                                                    "splitEntities",
                                                    "join",
                                                    "joinLevel"};
constexpr std::array<std::string_view, 3> kNotificationLists{"attributes", "pick", "omit"};

template <class List>
bool Has(const List& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

Result<bool> Flag(const json::Value& body, std::string_view name, bool otherwise) {
  const json::Value* value = body.Find(name);
  if (value == nullptr) return otherwise;
  if (!value->IsBool()) return BadData("{} is true or false", name);
  return value->AsBool();
}

/// A number above zero, in seconds. 0 when the member is missing.
Result<Duration> Seconds(const json::Value& body, std::string_view name) {
  const json::Value* value = body.Find(name);
  if (value == nullptr) return Duration{0};
  constexpr double kMost = 10.0 * 365 * 86'400;
  if (!value->IsNumber() || value->AsDouble() <= 0 || value->AsDouble() > kMost)
    return BadData("{} is a number of seconds above 0", name);
  return Duration{std::max<std::int64_t>(1, static_cast<std::int64_t>(value->AsDouble() * 1e6))};
}

Result<std::chrono::milliseconds> Millis(const json::Value& body, std::string_view name, std::int64_t otherwise) {
  const json::Value* value = body.Find(name);
  if (value == nullptr) return std::chrono::milliseconds{otherwise};
  if (!value->IsNumber() || value->AsDouble() <= 0 || value->AsDouble() > 86'400'000.0)
    return BadData("endpoint.{} is a number of milliseconds above 0", name);
  return std::chrono::milliseconds{std::max<std::int64_t>(1, static_cast<std::int64_t>(value->AsDouble()))};
}

Result<void> CheckText(const json::Value& body, std::string_view name) {
  const json::Value* value = body.Find(name);
  if (value == nullptr || (value->IsString() && !value->AsString().empty())) return {};
  return BadData("{} is a non-empty string", name);
}

bool IsHeaderName(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view{"!#$%&'*+-.^_`|~"}.find(static_cast<char>(c)) != std::string_view::npos;
  });
}
bool IsHeaderValue(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c >= 0x20 && c != 0x7F; });
}

/// receiverInfo and notifierInfo: [{"key","value"}].
Result<http::Headers> Pairs(const json::Value& endpoint, std::string_view name) {
  http::Headers pairs;
  const json::Value* list = endpoint.Find(name);
  if (list == nullptr) return pairs;
  if (!list->IsArray() || list->AsArray().empty()) return BadData("endpoint.{} is a non-empty array", name);
  for (const auto& item : list->AsArray()) {
    const json::Value* key = item.Find("key");
    const json::Value* value = item.Find("value");
    const bool good = key != nullptr && value != nullptr && key->IsString() && value->IsString() &&
                      IsHeaderName(key->AsString()) && IsHeaderValue(value->AsString());
    if (!good) return BadData("endpoint.{} holds objects of key and value, both strings fit for a header", name);
    pairs.emplace_back(std::string(key->AsString()), std::string(value->AsString()));
  }
  return pairs;
}

Result<void> CheckNotifier(const http::Headers& notifier) {
  for (const auto& [key, value] : notifier) {
    if (key == "MQTT-Version" && value != "mqtt3.1.1" && value != "mqtt5.0")
      return BadData("MQTT-Version is mqtt3.1.1 or mqtt5.0");
    if (key == "MQTT-QoS" && value != "0" && value != "1" && value != "2") return BadData("MQTT-QoS is 0, 1 or 2");
  }
  return {};
}

Result<Endpoint> ReadEndpoint(const json::Value& endpoint) {
  Endpoint out;
  if (!endpoint.IsObject()) return BadData("notification.endpoint is missing");
  out.uri = endpoint["uri"].AsString();
  const bool http = out.uri.starts_with("http://") || out.uri.starts_with("https://");
  const bool mqtt = out.uri.starts_with("mqtt://") || out.uri.starts_with("mqtts://");
  if (!IsUri(out.uri) || (!http && !mqtt))
    return BadData("endpoint.uri '{}' is no address of http, https, mqtt or mqtts", out.uri.substr(0, 120));
  if (mqtt && out.uri.find('/', out.uri.find("://") + 3) == std::string::npos)
    return BadData("endpoint.uri names a broker but no topic");
  if (const json::Value* accept = endpoint.Find("accept")) {
    out.accept = accept->AsString();
    if (out.accept != "application/json" && out.accept != "application/ld+json" && out.accept != "application/geo+json")
      return BadData("endpoint.accept is application/json, application/ld+json or application/geo+json");
  }
  BONGSU_TRY(out.headers, Pairs(endpoint, "receiverInfo"));
  BONGSU_TRY(out.notifier, Pairs(endpoint, "notifierInfo"));
  BONGSU_CHECK(CheckNotifier(out.notifier));
  BONGSU_TRY(out.deadline, Millis(endpoint, "timeout", 10'000));
  BONGSU_TRY(out.cooldown, Millis(endpoint, "cooldown", 0));
  return out;
}

Result<std::uint8_t> ReadTriggers(const json::Value& body) {
  const json::Value* words = body.Find("notificationTrigger");
  if (words == nullptr) return subscriptions::kDefaultTriggers;
  if (!words->IsArray() || words->AsArray().empty()) return BadData("notificationTrigger is a non-empty array");
  std::uint8_t bits = 0;
  for (const auto& word : words->AsArray()) {
    const auto bit = subscriptions::TriggerBits(word.AsString());
    if (!bit) return BadData("notificationTrigger has no word '{}'", word.AsString().substr(0, 40));
    bits |= *bit;
  }
  return bits;
}

Result<void> ReadForm(CompiledSubscription& out, const json::Value& body) {
  const json::Value& notification = body["notification"];
  const std::string format{notification["format"].AsString("normalized")};
  if (format == "concise") {
    out.as.format = Format::kConcise;
  } else if (format == "simplified" || format == "keyValues") {
    out.as.format = Format::kSimplified;
  } else if (format != "normalized") {
    return BadData("notification.format is normalized, concise, simplified or keyValues");
  }
  BONGSU_TRY(out.as.system_times, Flag(notification, "sysAttrs", false));
  BONGSU_TRY(out.show_changes, Flag(notification, "showChanges", false));
  if (out.show_changes && out.as.format == Format::kSimplified)
    return BadData("showChanges does not go together with simplified or keyValues");
  for (const auto* where : {&body, &notification}) {
    BONGSU_CHECK(CheckText(*where, "lang"));
    if (const json::Value* lang = where->Find("lang")) out.as.language = lang->AsString();
  }
  if (const json::Value* datasets = body.Find("datasetId")) {
    if (!datasets->IsArray() || datasets->AsArray().empty()) return BadData("datasetId is a non-empty array");
    for (const auto& id : datasets->AsArray()) {
      if (id.AsString() != "@none" && !IsUri(id.AsString())) return BadData("datasetId holds URIs or @none");
      out.as.datasets.emplace(id.AsString());
    }
  }
  return {};
}

Result<void> CheckTimes(const CompiledSubscription& compiled, const json::Value& body) {
  if (compiled.interval <= Duration{0}) return {};
  if (body.Find("watchedAttributes") != nullptr || body.Find("throttling") != nullptr)
    return BadData("timeInterval does not go together with watchedAttributes or throttling");
  return {};
}

/// Names are IRIs already; what stands in q and geoQ is read with the @context of the request that wrote it.
Result<void> ReadWhat(CompiledSubscription& out, const json::Value& body, const LdContext& context) {
  BONGSU_TRY(out.query, ReadSubscriptionQuery(body, context));
  out.query.tenant = out.tenant;
  if (out.query.q && out.query.q->linked_depth() > 0) {
    out.linked_q = std::exchange(out.query.q, out.query.q->Opened());
  }
  BONGSU_TRY(const auto watched, ReadNameList(body, "watchedAttributes", context));
  if (watched) out.watched.assign(watched->begin(), watched->end());
  BONGSU_TRY(const bool local, Flag(body, "localOnly", false));
  BONGSU_TRY(const bool split, Flag(body, "splitEntities", false));
  (void)split;
  if (out.query.selectors.empty() && out.watched.empty() && !local)
    return BadData("a subscription has entities or watchedAttributes");
  BONGSU_TRY(out.triggers, ReadTriggers(body));
  BONGSU_TRY(out.active, Flag(body, "isActive", true));
  BONGSU_TRY(out.throttling, Seconds(body, "throttling"));
  BONGSU_TRY(out.interval, Seconds(body, "timeInterval"));
  BONGSU_CHECK(CheckTimes(out, body));
  if (const json::Value* expires = body.Find("expiresAt")) {
    if (!IsDateTime(expires->AsString())) return BadData("expiresAt is a DateTime");
    BONGSU_TRY(out.expires, ParseTime(expires->AsString()));
  }
  for (const auto* name : {"subscriptionName", "description", "csf"}) BONGSU_CHECK(CheckText(body, name));
  return {};
}

json::Value Mapped(const json::Value& names, const std::function<std::string(std::string_view)>& map) {
  json::Array out;
  for (const auto& name : names.AsArray()) {
    const bool member = name.AsString() == "id" || name.AsString() == "type" || name.AsString() == "scope";
    out.push_back(name.IsString() && !member ? json::Value{map(name.AsString())} : name);
  }
  return json::Value{std::move(out)};
}

/// Every place of a subscription where a name of the @context stands by itself.
void MapNames(json::Value& body, const std::function<std::string(std::string_view)>& map) {
  if (json::Value* watched = body.Find("watchedAttributes"); watched != nullptr && watched->IsArray())
    *watched = Mapped(*watched, map);
  if (json::Value* notification = body.Find("notification")) {
    for (const auto name : kNotificationLists) {
      if (json::Value* list = notification->Find(name); list != nullptr && list->IsArray()) *list = Mapped(*list, map);
    }
  }
  json::Value* entities = body.Find("entities");
  if (entities == nullptr || !entities->IsArray()) return;
  for (auto& entry : entities->MutableArray()) {
    json::Value* type = entry.Find("type");
    // A selection with signs is kept as it came and read with its own @context.
    if (type != nullptr && IsName(type->AsString())) *type = map(type->AsString());
  }
}

std::string LinkHeader(const std::string& url) {
  return "<" + url + R"(>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json")";
}

}  // namespace

Result<json::Value> StoredBody(const json::Value& body, const LdContext& context) {
  if (!body.IsObject()) return BadData("a subscription is a JSON object");
  json::Value stored{json::Object{}};
  for (const auto& [name, value] : body.AsObject()) {
    const std::string_view plain = name == "@id" ? "id" : name == "@type" ? "type" : std::string_view{name};
    if (Has(kMembers, plain)) stored.Set(plain, value);
  }
  if (json::Value* notification = stored.Find("notification"); notification != nullptr && notification->IsObject()) {
    for (const auto name : kReadOnly) notification->Erase(name);
  }
  MapNames(stored, [&](std::string_view name) { return IsName(name) ? context.Expand(name) : std::string(name); });
  return stored;
}

std::string_view NameOf(const Subscription& stored) {
  const std::string_view name = stored.body["subscriptionName"].AsString();
  return name.empty() ? stored.body["description"].AsString() : name;
}

Result<std::shared_ptr<CompiledSubscription>> Compile(const Subscription& stored, const LdContexts& contexts,
                                                      std::uint16_t tenant) {
  const json::Value& body = stored.body;
  if (body["type"].AsString() != "Subscription") return BadData("the type of a subscription is Subscription");
  BONGSU_TRY(const auto context, contexts.Resolve(stored.context));
  auto compiled = std::make_shared<CompiledSubscription>();
  CompiledSubscription& out = *compiled;
  out.id = stored.id;
  out.name = NameOf(stored);
  if (out.name.empty()) out.name = stored.id;
  out.tenant = tenant;
  out.active_since = stored.active_since;
  BONGSU_CHECK(ReadWhat(out, body, *context));
  const json::Value* notification = body.Find("notification");
  if (notification == nullptr || !notification->IsObject()) return BadData("notification is missing");
  BONGSU_CHECK(ReadForm(out, body));
  BONGSU_TRY(out.endpoint, ReadEndpoint((*notification)["endpoint"]));

  out.as.context = context;
  // One address is said as such, however it was written.
  out.echo = stored.context.AsArray().size() == 1 ? stored.context.AsArray().front() : stored.context;
  std::string link = stored.link;
  if (const json::Value* own = body.Find("jsonldContext")) {
    if (!IsUri(own->AsString())) return BadData("jsonldContext is a URI");
    BONGSU_TRY(out.as.context, contexts.Resolve(*own));
    out.echo = *own;
    link = own->AsString();
  }
  out.accept = out.endpoint.accept == "application/ld+json"    ? Media::kLdJson
               : out.endpoint.accept == "application/geo+json" ? Media::kGeoJson
                                                               : Media::kJson;
  out.as.geojson = out.accept == Media::kGeoJson;
  out.as.geometry_property = std::string(context::kLocation);
  out.context_in_body = out.accept == Media::kLdJson || (out.accept == Media::kGeoJson &&
                                                         http::HeaderOf(out.endpoint.headers, "Prefer") != "body=json");
  BONGSU_CHECK(ReadProjection(*notification, "attributes", *context, out.as));
  BONGSU_TRY(out.join, ReadJoin(notification->Find("join") != nullptr ? *notification : body, out.as));
  if (!out.context_in_body) out.endpoint.headers.emplace_back("Link", LinkHeader(link));
  if (!stored.tenant_header.empty()) out.endpoint.headers.emplace_back("NGSILD-Tenant", stored.tenant_header);
  return compiled;
}

Result<void> CheckFresh(const json::Value& body, TimePoint now) {
  if (const json::Value* id = body.Find("id"); id != nullptr && !IsUri(id->AsString()))
    return BadData("id '{}' is no URI", id->AsString().substr(0, 120));
  const json::Value* expires = body.Find("expiresAt");
  if (expires == nullptr) return {};
  const auto time = ParseTime(expires->AsString());
  if (time && *time <= now) return BadData("expiresAt {} has passed", expires->AsString());
  return {};
}

json::Value ShownSubscription(const Subscription& stored, const notifications::Statistics& statistics,
                              const LdContext& context, TimePoint now, bool system_times) {
  json::Value shown{json::Object{{"id", stored.id}, {"type", "Subscription"}}};
  for (const auto& [name, value] : stored.body.AsObject()) shown.Set(name, value);
  MapNames(shown, [&](std::string_view name) { return context.Compact(name); });
  // Its default is not said by one who did not say it; `status` says the same.
  if (!stored.active() || shown.Find("isActive") != nullptr) shown.Set("isActive", stored.active());
  shown.Set("status", stored.StatusAt(now));
  if (shown.Find("jsonldContext") == nullptr) shown.Set("jsonldContext", stored.link);
  json::Value& notification = *shown.Find("notification");
  const json::Value counters = statistics.ToJson();
  for (const auto& [name, value] : counters.AsObject()) {
    const bool never = (name == "timesSent" || name == "timesFailed") && value.AsInt() == 0;
    if (!never) notification.Set(name, value);
  }
  if (system_times) {
    shown.Set("createdAt", FormatUtc(stored.created));
    shown.Set("modifiedAt", FormatUtc(stored.modified));
  }
  return shown;
}

}  // namespace bongsu::ngsi
