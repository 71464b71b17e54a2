// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The NGSI-LD interface over two shards, with what tests say to it.

#include <gtest/gtest.h>

#include <future>
#include <mutex>

#include "know/context/fake_append.hpp"
#include "know/desk/fake_desk.hpp"
#include "model/subscription_record.hpp"
#include "serve/ngsi/page_reader.hpp"
#include "serve/ngsi/routes.hpp"

namespace bongsu::ngsi {

/// FakeAppend for several shards: one at a time.
class LockedAppend final : public journal::AppendPort {
 public:
  explicit LockedAppend(context::FakeAppend::Deliver deliver) : inner_{std::move(deliver)} {}
  void Append(journal::Batch batch, journal::AppendDone done) override {
    const std::scoped_lock lock{mutex_};
    inner_.Append(std::move(batch), std::move(done));
  }
  std::uint16_t partitions() const override { return inner_.partitions(); }

 private:
  std::recursive_mutex mutex_;
  context::FakeAppend inner_;
};

class NgsiTest : public ::testing::Test {
 protected:
  static LdContexts Known() {
    LdContexts contexts;
    EXPECT_TRUE(contexts.Add(
        "https://example.org/context.jsonld",
        json::Parse(R"({"@context":{"ex":"https://example.org/ns/","Car":"ex:Car","speed":{"@id":"ex:speed"},
                                             "blue":"ex:blue","colour":{"@id":"ex:colour","@type":"@vocab"}}})")
            .value()));
    return contexts;
  }

  NgsiTest() {
    desk_.Keep(subscriptions_);
    desk_.Keep(hosted_);
    desk_.OnCommitted([this](const model::Record& record) {
      if (record.kind != model::kLdContext) return;
      LdContexts contexts = *service_.ld_contexts(0);
      contexts.Host(record.subject, hosted_.all().at(record.subject));
      service_.set_ld_contexts(0, std::move(contexts));
    });
    SubscriptionHouse house;
    house.find = [this](std::uint16_t) {
      return std::make_shared<SubscriptionHouse::Desk>(SubscriptionHouse::Desk{
          &desk_, &subscriptions_, &hosted_, [](const std::function<void()>& work) { work(); }});
    };
    house.counters = [](std::uint16_t, const std::vector<std::string>&, const auto& done) { done({}); };
    house.settled = [this](std::function<void()> then) { shards_.Post(0, std::move(then)); };
    service_.set_subscriptions(std::move(house));
    shards_.Start();
  }
  ~NgsiTest() override { shards_.Stop(); }

  static guard::Principal Caller(std::uint16_t tenant, const std::string& name) {
    guard::Principal caller;
    caller.known = true;
    caller.tenant = tenant;
    caller.tenant_name = name;
    caller.id = "app";
    caller.role = guard::Role::kApplication;
    return caller;
  }

  http::Response Send(const std::string& method, const std::string& target, const std::string& body = {},
                      http::Headers headers = {}, guard::Principal caller = Caller(0, "default")) {
    api::Call call;
    const auto question = target.find('?');
    call.request.method = method;
    call.request.path = target.substr(0, question);
    if (question != std::string::npos) {
      call.request.raw_query = target.substr(question + 1);
      call.request.query = http::ParseQuery(call.request.raw_query).value();
    }
    for (std::string rest = call.request.path; !rest.empty();) {
      rest.erase(0, 1);
      const auto end = std::min(rest.find('/'), rest.size());
      call.request.segments.push_back(http::PercentDecode(rest.substr(0, end)).value());
      rest.erase(0, end);
    }
    if (!body.empty() && http::HeaderOf(headers, "Content-Type").empty())
      headers.emplace_back("Content-Type", "application/json");
    call.request.headers = std::move(headers);
    call.request.has_content_length = method != "GET" && method != "DELETE" && !without_length_;
    call.request.body = body;
    call.caller = std::move(caller);
    const auto found = router_.Find(call.request.method, call.request.segments).value();
    std::promise<http::Response> answer;
    auto future = answer.get_future();
    shards_.Post(0, [&] {
      found.route->handler(std::move(call), [&](http::Response response) { answer.set_value(std::move(response)); });
    });
    return future.get();
  }

  /// The next part of an answer that comes in parts.
  std::string Next(const http::Response& response) {
    std::promise<std::string> part;
    shards_.Post(
        0, [&] { response.parts->Next([&](const Result<std::string>& got) { part.set_value(got.value_or("?")); }); });
    return part.get_future().get();
  }
  /// The answer with all its parts.
  http::Response Whole(http::Response response) {
    if (!response.parts) return response;
    for (std::string part = Next(response); !part.empty(); part = Next(response)) response.body += part;
    response.parts.reset();
    return response;
  }
  /// `count` rooms with a text of `bytes`.
  void MakeRooms(int count, int bytes) {
    for (int n = 0; n < count; ++n)
      Send(
          "POST", "/ngsi-ld/v1/entities",
          fmt::format(
              R"({{"id":"urn:r:{:03}","type":"Room","n":{{"type":"Property","value":{}}},"text":{{"type":"Property","value":"{}"}}}})",
              n, n, std::string(static_cast<std::size_t>(bytes), 'x')));
  }

  /// 120 rooms from urn:r:100 on, on four floors of one city; each 3 kB.
  void MakeLinkedRooms() {
    const auto make = [this](const std::string& id, const std::string& type, const std::string& name,
                             const std::string& target) {
      json::Value entity = json::Object{{"id", id}, {"type", type}};
      entity.Set("text", json::Object{{"type", "Property"}, {"value", std::string(3000, 'x')}});
      if (!target.empty()) entity.Set(name, json::Object{{"type", "Relationship"}, {"object", target}});
      Send("POST", "/ngsi-ld/v1/entities", json::ToString(entity));
    };
    for (int n = 0; n < 120; ++n)
      make(fmt::format("urn:r:{}", 100 + n), "Room", "on", fmt::format("urn:floor:{}", n % 4));
    for (int n = 0; n < 4; ++n) make(fmt::format("urn:floor:{}", n), "Floor", "of", "urn:city");
    make("urn:city", "City", "", "");
  }

  static json::Value Body(const http::Response& response) {
    return json::Parse(response.body.empty() ? "null" : response.body).value_or(json::Value{"not JSON"});
  }
  static std::string Type(const http::Response& response) {
    const auto type = std::string(Body(response)["type"].AsString());
    return type.substr(type.rfind('/') + 1);
  }

  runtime::Shards shards_{2};
  ManualClock clock_{FromMicros(1'764'000'000'000'000)};
  context::Context contexts_[2];
  LockedAppend append_{[this](const model::Record& record) { contexts_[record.position.partition % 2].Apply(record); }};
  ContextService service_{shards_, append_, clock_, Known(), {&contexts_[0], &contexts_[1]}};
  api::Router router_{NgsiRoutes(service_)};
  desk::FakeDesk desk_{clock_.Now()};
  notifications::SubscriptionBook subscriptions_;
  LdContextBook hosted_;
  bool without_length_ = false;
};

inline const http::Headers kLink{
    {"Link",
     R"(<https://example.org/context.jsonld>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json")"}};

inline std::string Camera(const std::string& id, double lon = 126.6, int azimuth = 90) {
  return fmt::format(
      R"({{"id":"urn:ngsi-ld:Camera:{}","type":"Camera","name":{{"type":"LanguageProperty","languageMap":{{"ko":"시장","en":"Market"}}}},
    "location":{{"type":"GeoProperty","value":{{"type":"Point","coordinates":[{},35.8]}}}},
    "azimuth":{{"type":"Property","value":{},"unitCode":"DD","observedAt":"2026-11-22T10:00:00Z"}},
    "refSwitch":{{"type":"Relationship","object":"urn:ngsi-ld:NetworkSwitch:SW-1"}}}})",
      id, lon, azimuth);
}

}  // namespace bongsu::ngsi
