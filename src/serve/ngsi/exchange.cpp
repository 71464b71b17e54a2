// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/exchange.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "serve/ngsi/header_text.hpp"
#include "serve/ngsi/preference.hpp"

namespace bongsu::ngsi {
namespace {

constexpr std::array<std::string_view, 3> kMedia{"application/json", "application/ld+json",
                                                 "application/geo+json"};  // in the order of Media
constexpr std::string_view kContextRel = "http://www.w3.org/ns/json-ld#context";

struct MediaRange {
  std::string type;
  double weight = 1;
};

std::vector<MediaRange> RangesOf(std::string_view accept) {
  std::vector<MediaRange> ranges;
  for (const auto part : SplitHeader(accept, ',')) {
    const auto pieces = SplitHeader(part, ';');
    MediaRange range{LowerCase(pieces.front()), 1};
    for (std::size_t i = 1; i < pieces.size(); ++i) {
      if (!LowerCase(pieces[i]).starts_with("q=")) continue;
      const auto number = pieces[i].substr(2);
      double weight = 1;
      const auto [rest, error] = std::from_chars(number.data(), number.data() + number.size(), weight);
      if (error == std::errc{} && rest == number.data() + number.size() && weight >= 0 && weight <= 1)
        range.weight = weight;
    }
    if (!range.type.empty()) ranges.push_back(std::move(range));
  }
  return ranges;
}

bool IsJson(std::string_view type) { return type == "application/json" || type == "application/merge-patch+json"; }

Error ContextInBody() {
  return BadData("application/json has no @context in the body; it goes into the Link header").value();
}

}  // namespace

std::optional<Media> ChooseMedia(std::string_view accept, bool geo_allowed) {
  if (TrimSpace(accept).empty()) return Media::kJson;
  const auto ranges = RangesOf(accept);
  std::optional<Media> best;
  double best_weight = 0;
  for (std::size_t i = 0; i < kMedia.size(); ++i) {
    const auto media = static_cast<Media>(i);
    if (media == Media::kGeoJson && !geo_allowed) continue;
    std::optional<double> named;
    std::optional<double> wild;
    for (const auto& range : ranges) {
      if (range.type == kMedia[i]) named = std::max(named.value_or(0), range.weight);
      if (range.type == "*/*" || range.type == "application/*") wild = std::max(wild.value_or(0), range.weight);
    }
    const double weight = named ? *named : wild.value_or(0);  // a type named with q=0 is not brought back by */*
    if (weight > best_weight) {
      best = media;
      best_weight = weight;
    }
  }
  return best;
}

std::string ContextLink(std::string_view link_header) {
  for (const auto link : SplitHeader(link_header, ',')) {
    const auto pieces = SplitHeader(link, ';');
    const auto address = pieces.front();
    if (address.size() < 3 || address.front() != '<' || address.back() != '>') continue;
    for (std::size_t i = 1; i < pieces.size(); ++i) {
      const auto equals = pieces[i].find('=');
      if (equals == std::string_view::npos || LowerCase(TrimSpace(pieces[i].substr(0, equals))) != "rel") continue;
      auto rel = TrimSpace(pieces[i].substr(equals + 1));
      if (rel.size() >= 2 && rel.front() == '"' && rel.back() == '"') rel = rel.substr(1, rel.size() - 2);
      if (rel == kContextRel) return std::string(address.substr(1, address.size() - 2));
    }
  }
  return {};
}

Exchange::Exchange(api::Call call, http::Respond respond, std::shared_ptr<const LdContexts> contexts)
    : call_{std::move(call)}, respond_{std::move(respond)}, contexts_{std::move(contexts)} {}

bool Exchange::Prepare(const Needs& needs) {
  const http::Request& asked = request();
  const bool writes = asked.method == "POST" || asked.method == "PUT" || asked.method == "PATCH";
  if (writes && !asked.has_content_length) {
    Send({411, {}, {}, {}});
    return false;
  }
  const auto tenant = asked.Header("NGSILD-Tenant");
  if (!tenant.empty() && tenant != caller().tenant_name) {
    Refuse({Code::kNotFound, "ngsi.NonexistentTenant", fmt::format("there is no tenant {}", tenant.substr(0, 80))});
    return false;
  }
  for (const auto& [name, value] : asked.query) {
    if (needs.parameters.contains(name)) continue;
    Refuse(BadRequest("'{}' is no parameter of {} {}", name.substr(0, 80), asked.method, asked.path).value());
    return false;
  }
  const auto media = ChooseMedia(asked.Header("Accept"), needs.geo);
  if (!media) {
    Send(http::JsonResponse(
        406,
        R"({"title":"none of the accepted media types is available","available":["application/json","application/ld+json")" +
            std::string(needs.geo ? ",\"application/geo+json\"" : "") + "]}"));
    return false;
  }
  media_ = *media;
  if (needs.body) return ReadBody(needs.batch, needs.raw);
  const std::string link = ContextLink(asked.Header("Link"));
  if (link.empty()) return true;
  auto context = contexts_->Resolve(json::Value{link});
  if (!context) {
    Refuse(context.error());
    return false;
  }
  context_ = std::move(*context);
  return true;
}

bool Exchange::ReadBody(bool batch, bool raw) {
  const auto type = LowerCase(SplitHeader(request().Header("Content-Type"), ';').front());
  ld_body_ = type == "application/ld+json";
  // Clients append attributes with the media type of a patch too.
  const bool patches =
      request().method == "PATCH" || request().path.ends_with("/attrs") || request().path.ends_with("/attrs/");
  if (!ld_body_ && !(IsJson(type) && (type == "application/json" || patches))) {
    Send({415, {}, {}, {}});
    return false;
  }
  const auto refuse = [this](const Error& error) {
    Refuse(error);
    return false;
  };
  if (request().body.empty()) return refuse(BadRequest("the body is empty").value());
  auto parsed = json::Parse(request().body);
  if (!parsed) return refuse(BadRequest("the body is {}", parsed.error().message).value());
  body_ = std::move(*parsed);
  if (raw) return true;
  const std::string link = ContextLink(request().Header("Link"));
  const auto has_context = [](const json::Value& item) { return item.Find("@context") != nullptr; };
  if (!ld_body_) {
    if (has_context(body_)) return refuse(ContextInBody());
    if (link.empty()) return true;
    auto context = contexts_->Resolve(json::Value{link});
    if (!context) return refuse(context.error());
    context_ = std::move(*context);
    return true;
  }
  if (!link.empty())
    return refuse(BadData("application/ld+json has its @context in the body, not in the Link header").value());
  if (batch) return true;
  if (!body_.IsObject()) return refuse(BadRequest("the body is no JSON object").value());
  auto context = ContextOf(body_);
  if (!context) return refuse(context.error());
  context_ = std::move(*context);
  return true;
}

Result<std::shared_ptr<const LdContext>> Exchange::ContextOf(const json::Value& item) const {
  if (!ld_body_ && item.Find("@context") != nullptr) return tl::unexpected(ContextInBody());
  if (!ld_body_) return context_;
  const json::Value* given = item.Find("@context");
  if (given == nullptr) return BadData("application/ld+json needs an @context in the body");
  return contexts_->Resolve(*given);
}

Result<bool> Exchange::Flag(std::string_view name) const {
  const auto value = request().Query(name);
  if (!value) return false;
  if (*value == "true") return true;
  if (*value == "false") return false;
  return BadRequest("{} is true or false", name);
}

Result<std::set<std::string, std::less<>>> Exchange::Options(std::initializer_list<std::string_view> allowed) const {
  return Options(std::span{allowed.begin(), allowed.size()});
}

Result<std::set<std::string, std::less<>>> Exchange::Options(std::span<const std::string_view> allowed) const {
  std::set<std::string, std::less<>> words;
  for (const auto* name : {"options", "format"}) {
    const auto value = request().Query(name);
    if (!value) continue;
    for (const auto word : SplitHeader(*value, ',')) {
      if (std::ranges::find(allowed, word) == allowed.end())
        return BadRequest("{} has no word '{}' here", name, word.substr(0, 40));
      words.emplace(word);
    }
  }
  return words;
}

void Exchange::AddLink(std::string_view link) {
  if (!link_.empty()) link_ += ", ";
  link_ += link;
}

void Exchange::Send(http::Response response) {
  if (const auto tenant = request().Header("NGSILD-Tenant"); !tenant.empty())
    response.headers.emplace_back("NGSILD-Tenant", std::string(tenant));
  if (searched_.empty() || !personal_->record_search) return respond_(std::move(response));
  // Which entities are found tells what they hold: nothing is told before that is on record.
  personal_->record_search(caller(), request().path, std::exchange(searched_, {}),
                           [respond = respond_, response = std::move(response)](const Result<void>& recorded) mutable {
                             respond(recorded ? std::move(response) : Problem(recorded.error()));
                           });
}

Result<std::string> Exchange::SealedStartOf(std::string_view iri, std::string_view text, bool equality) {
  if (!personal_) return std::string{};
  BONGSU_TRY(std::string start, SealedStart(*personal_, caller(), iri, text, equality));
  if (!start.empty()) searched_.push_back(start.substr(start.rfind('.') + 1));
  return start;
}

void Exchange::Refuse(const Error& error) { Send(Problem(error)); }

void Exchange::Answer(int status, std::string json) {
  http::Response response{status, std::move(headers_), std::move(json), "application/json"};
  Send(std::move(response));
}

std::optional<int> Exchange::preferred_minor() const {
  constexpr std::string_view kRoot = "/ngsi-ld/v1/";
  const auto path = std::string_view{request().path}.substr(std::min(kRoot.size(), request().path.size()));
  if (path.starts_with("temporal")) return std::nullopt;  // of histories it is not followed
  return PreferredMinor(request().Header("Prefer"));
}

void Exchange::AddPreference() {
  if (const auto minor = preferred_minor())
    headers_.emplace_back("Preference-Applied", fmt::format("ngsi-ld=1.{}", *minor));
}

void Exchange::FollowPreference(int& status, std::string& json) {
  AddPreference();
  const auto minor = preferred_minor();
  const std::string_view path = request().path;
  if (!minor || !path.starts_with("/ngsi-ld/v1/entit") || path.starts_with("/ngsi-ld/v1/entityMaps")) return;
  auto entities = json::Parse(json);
  if (!entities || !ReadableFor(*minor, *entities)) return;
  json = json::ToString(*entities);
  if (status == 200) status = 203;
}

bool Exchange::IsKept() const { return request().method == "POST" && !request().Header("Idempotency-Key").empty(); }

std::string Exchange::BodyContext() const {
  const bool in_body =
      media_ == Media::kLdJson ||
      (media_ == Media::kGeoJson && Preference(request().Header("Prefer"), "body").value_or("") != "json");
  return in_body ? json::ToString(context_->echo()) : std::string{};
}

void Exchange::AnswerData(int status, std::string json) {
  FollowPreference(status, json);
  const std::string context = BodyContext();
  if (context.empty()) return SendLinked(status, std::move(json), nullptr);
  // Every object of the answer, or each of an array, gets the @context as its last member.
  if (json.starts_with('[')) {
    auto items = json::Parse(json);
    json::Value whole = items ? std::move(*items) : json::Value{json::Array{}};
    for (auto& item : whole.MutableArray()) item.Set("@context", context_->echo());
    json = json::ToString(whole);
  } else {
    json.pop_back();
    json += (json.size() > 1 ? "," : "") + std::string("\"@context\":") + context + '}';
  }
  SendData(status, std::move(json), nullptr);
}

void Exchange::AnswerParts(int status, std::string begin, std::shared_ptr<http::BodyParts> parts) {
  AddPreference();
  if (BodyContext().empty()) return SendLinked(status, std::move(begin), std::move(parts));
  SendData(status, std::move(begin), std::move(parts));
}

/// With the address of the @context in the Link header; an inline one gets an address first.
void Exchange::SendLinked(int status, std::string json, std::shared_ptr<http::BodyParts> parts) {
  const auto send = [self = shared_from_this(), status](const std::string& url, std::string text,
                                                        std::shared_ptr<http::BodyParts> rest) {
    self->AddLink("<" + url + ">; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"");
    self->SendData(status, std::move(text), std::move(rest));
  };
  const std::string url{context_->url()};
  if (!url.empty()) return send(url, std::move(json), std::move(parts));
  if (!host_) return Refuse({Code::kNotSupported, "ngsi.OperationNotSupported", "accept application/ld+json"});
  host_(context_->echo(),
        [self = shared_from_this(), send, json = std::move(json), parts = std::move(parts)](Result<std::string> at) {
          if (!at) return self->Refuse(at.error());
          send(*at, json, parts);
        });
}

void Exchange::SendData(int status, std::string json, std::shared_ptr<http::BodyParts> parts) {
  if (!link_.empty()) headers_.emplace_back("Link", link_);
  http::Response response{status, std::move(headers_), std::move(json),
                          std::string(kMedia[static_cast<std::size_t>(media_)]), std::move(parts)};
  Send(std::move(response));
}

}  // namespace bongsu::ngsi
