// SPDX-License-Identifier: Apache-2.0
#include "serve/personal/unsealer.hpp"

namespace bongsu::api {
namespace {

constexpr std::size_t kNamedSurrogates = 20;

/// As it stands inside of a JSON text.
std::string Escaped(std::string_view value) {
  const std::string quoted = json::ToString(json::Value{value});
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

Unsealer::Unsealer(const Parts& parts)
    : parts_{parts},
      views_{parts.metrics.Counter("bongsu_sealing_views_total", "Answers in which personal values were shown.")},
      refused_{parts.metrics.Counter("bongsu_sealing_views_refused_total",
                                     "Answers that stayed sealed because the view could not be recorded.")} {}

bool Unsealer::ShowsOneThing(const http::Request& request, bool names_one) {
  if (request.method != "GET") return false;
  if (names_one) return true;
  const auto& parts = request.segments;  // NGSI-LD tells its addresses apart itself
  if (parts.size() < 4 || parts[0] != "ngsi-ld") return false;
  const std::size_t noun = parts[2] == "temporal" ? 3 : 2;
  return parts.size() == noun + 2 && parts[noun] == "entities" && !parts.back().empty();
}

Unsealer::Opened Unsealer::Open(std::uint16_t tenant, const std::string& body) const {
  Opened opened;
  // A short token is opened by a whole one of the same value beside it: a rule's text by its event.
  std::map<std::string, std::string> shown;
  const auto open = [&](const sealing::Token& token) {
    if (token.data_class == sealing::DataClass::kMessage) return sealing::MaskOf(token.data_class);
    if (!token.IsWhole()) return sealing::ToText(token);
    auto value = parts_.ring.Open(tenant, token);
    if (!value)
      return parts_.ring.IsErased(token) ? sealing::ErasedMaskOf(token.data_class) : sealing::MaskOf(token.data_class);
    ++opened.classes[std::string(sealing::ClassName(token.data_class))];
    if (opened.surrogates.size() < kNamedSurrogates) opened.surrogates.push_back(token.surrogate);
    return shown[token.surrogate] = Escaped(*value);
  };
  const auto fill = [&](const sealing::Token& token) {
    const auto found = shown.find(token.surrogate);
    return found == shown.end() ? sealing::MaskOf(token.data_class) : found->second;
  };
  opened.body = sealing::ReplaceTokens(sealing::ReplaceTokens(body, open), fill);
  return opened;
}

void Unsealer::Record(const guard::Principal& caller, std::string_view act, const std::string& what,
                      json::Value details, desk::DeskPort::Answer done) const {
  const guard::Directory::Entry* entry = parts_.directory.Find(caller.tenant);
  if (entry == nullptr || entry->desk.desk == nullptr)
    return done(Fail(Code::kNotFound, "guard.no_tenant", "there is no tenant '{}'", caller.tenant_name));
  parts_.shards.Post(entry->desk.shard,
                     [desk = entry->desk.desk, actor = guard::ActorOf(caller), act = std::string(act), what,
                      details = std::move(details), done = std::move(done)]() mutable {
                       desk->Act(
                           std::move(actor),
                           [act, what, details](desk::DeskBatch& batch) -> Result<json::Value> {
                             batch.Audit(act, what, details);
                             return json::Value{nullptr};
                           },
                           std::move(done));
                     });
}

void Unsealer::RecordSearch(const guard::Principal& caller, const std::string& what,
                            const std::vector<std::string>& surrogates,
                            const std::function<void(Result<void>)>& done) const {
  Record(caller, "personal.search", what, json::Object{{"values", json::Array(surrogates.begin(), surrogates.end())}},
         [done](const Result<json::Value>& recorded) {
           recorded ? done({}) : done(tl::unexpected<Error>(recorded.error()));
         });
}

void Unsealer::Answer(const guard::Principal& caller, const std::string& what, http::Response response,
                      const http::Respond& respond) const {
  if (parts_.shards.Current() >= parts_.shards.size()) {  // keys are with the shards
    return parts_.shards.Post(0, [this, caller, what, response = std::move(response), respond]() mutable {
      Answer(caller, what, std::move(response), respond);
    });
  }
  auto opened = std::make_shared<Opened>(Open(caller.tenant, response.body));
  response.headers.emplace_back("Cache-Control", "no-store");
  if (opened->classes.empty()) {
    response.body = std::move(opened->body);
    return respond(std::move(response));
  }
  const auto answer = [this, opened, response = std::move(response), respond](const Result<json::Value>& done) mutable {
    if (!done) {
      refused_.Add();
      return respond(http::ProblemResponse(done.error()));
    }
    views_.Add();
    response.body = std::move(opened->body);
    respond(std::move(response));
  };
  json::Object classes;
  for (const auto& [name, count] : opened->classes) classes.emplace_back(name, count);
  json::Array values(opened->surrogates.begin(), opened->surrogates.end());
  Record(caller, "personal.view", what,
         json::Object{{"address", what}, {"shown", std::move(classes)}, {"values", std::move(values)}}, answer);
}

}  // namespace bongsu::api
