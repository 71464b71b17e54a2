// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "know/context/patch.hpp"
#include "serve/ngsi/notification_writer.hpp"
#include "serve/ngsi/subscription_reader.hpp"

namespace bongsu::ngsi {
namespace {

constexpr TimePoint kNow = FromMicros(1'764'000'000'000'000);

Result<std::shared_ptr<CompiledSubscription>> Read(const std::string& text) {
  notifications::Subscription stored;
  stored.id = "urn:s:1";
  stored.context = json::Value{kCoreContextUrl};
  stored.link = kCoreContextUrl;
  BONGSU_TRY(stored.body, StoredBody(json::Parse(text).value(), *LdContext::Core()));
  BONGSU_CHECK(CheckFresh(stored.body, kNow));
  return Compile(stored, LdContexts{}, 3);
}

/// A subscription with these members and these of notification and endpoint.
std::string With(const std::string& members, const std::string& notification = {}, const std::string& endpoint = {}) {
  return fmt::format(
      R"({{"type":"Subscription",{}"notification":{{{}"endpoint":{{{}"uri":"http://127.0.0.1:9/n"}}}}}})",
      members.empty() ? "" : members + ",", notification.empty() ? "" : notification + ",",
      endpoint.empty() ? "" : endpoint + ",");
}
const std::string kType = R"("entities":[{"type":"T"}])";

TEST(SubscriptionReader, TakesWhatTheStandardAllows) {
  for (
      const auto& good : {
          With(kType),
          With(R"("watchedAttributes":["a"])"),
          With(R"("entities":[{"type":"*"}])"),
          With(
              kType +
              R"(,"q":"a>1","scopeQ":"/A/#","geoQ":{"georel":"near;maxDistance==10","geometry":"Point","coordinates":[1,2]})"),
          With(kType + R"(,"throttling":0.5)"),
          With(kType + R"(,"timeInterval":3)"),
          With(
              kType +
              R"(,"notificationTrigger":["entityCreated","entityUpdated","entityDeleted","attributeCreated","attributeUpdated","attributeDeleted"])"),
          With(kType + R"(,"expiresAt":"2099-01-01T00:00:00Z","isActive":false)"),
          With(kType, R"("format":"concise","sysAttrs":true,"showChanges":true,"pick":["id","a"],"omit":["b"])"),
          With(
              kType, "",
              R"("accept":"application/geo+json","timeout":100,"cooldown":1,"receiverInfo":[{"key":"A","value":"b"}])"),
          With(kType, "",
               R"("notifierInfo":[{"key":"MQTT-QoS","value":"2"},{"key":"MQTT-Version","value":"mqtt3.1.1"}])"),
      }) {
    const auto read = Read(good);
    EXPECT_TRUE(read) << good << (read ? "" : read.error().message);
  }
}

TEST(SubscriptionReader, RefusesEachBreachOfTheRules) {
  for (const auto& bad : {
           std::string{R"({"type":"Other"})"},
           std::string{R"({"type":"Subscription","entities":[{"type":"T"}]})"},
           With(""),
           With(R"("entities":[])"),
           With(R"("entities":[{"id":"urn:a:1"}])"),
           With(R"("entities":[{"type":"T","id":"none"}])"),
           With(kType + R"(,"watchedAttributes":[])"),
           With(kType + R"(,"q":"a>")"),
           With(kType + R"(,"q":5)"),
           With(kType + R"(,"scopeQ":"/a b")"),
           With(kType + R"(,"geoQ":{"georel":"near"})"),
           With(kType + R"(,"throttling":0)"),
           With(kType + R"(,"throttling":"1")"),
           With(kType + R"(,"timeInterval":-1)"),
           With(kType + R"(,"timeInterval":1,"watchedAttributes":["a"])"),
           With(kType + R"(,"timeInterval":1,"throttling":1)"),
           With(kType + R"(,"isActive":"yes")"),
           With(kType + R"(,"expiresAt":"2020-01-01T00:00:00Z")"),
           With(kType + R"(,"expiresAt":"tomorrow")"),
           With(kType + R"(,"notificationTrigger":["entityMoved"])"),
           With(kType + R"(,"notificationTrigger":[])"),
           With(kType + R"(,"csf":"))bad((")"),
           With(kType + R"(,"id":"none")"),
           With(kType + R"(,"jsonldContext":"none")"),
           With(kType, R"("format":"long")"),
           With(kType, R"("attributes":[])"),
           With(kType, R"("attributes":["a"],"pick":["b"])"),
           With(kType, R"("pick":["a"],"omit":["a"])"),
           With(kType, R"("showChanges":true,"format":"keyValues")"),
           With(kType, R"("sysAttrs":1)"),
           With(kType, R"("join":"outline")"),
           With(kType, R"("join":"inline","joinLevel":0)"),
           With(kType, R"("pick":["id","rel{id}"])"),
           With(kType, R"("join":"inline","pick":["rel{other{id}}"])"),
           With(kType + R"(,"q":"rel{a")"),
           With(kType, "", R"("accept":"text/plain")"),
           With(kType, "", R"("timeout":0)"),
           With(kType, "", R"("cooldown":-5)"),
           With(kType, "", R"("receiverInfo":[{"key":"A"}])"),
           With(kType, "", R"("receiverInfo":[{"key":"A","value":"b\r\nC: d"}])"),
           With(kType, "", R"("notifierInfo":[{"key":"MQTT-QoS","value":"3"}])"),
           std::string{
               R"({"type":"Subscription","entities":[{"type":"T"}],"notification":{"endpoint":{"uri":"ftp://a/b"}}})"},
           std::string{
               R"({"type":"Subscription","entities":[{"type":"T"}],"notification":{"endpoint":{"uri":"mqtt://b"}}})"},
       }) {
    const auto read = Read(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().reason, "ngsi.BadRequestData") << bad << read.error().message;
  }
  EXPECT_EQ(Read(With(kType + R"(,"jsonldContext":"https://nowhere.example/c")")).error().reason,
            "ngsi.LdContextNotAvailable");
  EXPECT_EQ(Read(With(kType, R"("join":"inline","joinLevel":11)")).error().reason, "ngsi.TooComplexQuery");
}

TEST(SubscriptionReader, LooksFurtherForAJoinAndForAQOfLinkedEntities) {
  EXPECT_FALSE(Read(With(kType + R"(,"q":"a>1")", R"("join":"@none")")).value()->looks_further());
  EXPECT_TRUE(Read(With(kType, R"("join":"flat","joinLevel":2)")).value()->looks_further());
  EXPECT_TRUE(Read(With(kType + R"(,"q":"a>1;rel{b}==2")")).value()->looks_further());
  EXPECT_EQ(Read(With(kType, R"("join":"inline","pick":["id","rel{id,a}"])")).value()->as.linked.size(), 1U);
}

/// An entity before and after, and what a subscription is told of it.
class NotificationTest : public ::testing::Test {
 protected:
  std::unique_ptr<context::Entity> Entity(const std::string& attributes, const std::string& entity_id = "urn:a:1") {
    std::unique_ptr<context::Entity> entity;
    const model::EntityPatch patch{model::PatchOp::kCreate, entity_id,
                                   json::Parse(fmt::format(R"({{"type":"{}T"{}{}}})", model::kDefaultVocab,
                                                           attributes.empty() ? "" : ",", attributes))
                                       .value()};
    context::ApplyPatch(entity, patch, kNow, names_);
    return entity;
  }
  static std::string Property(const std::string& name, const std::string& value) {
    return fmt::format(R"("{}{}":{{"type":"Property","value":{}}})", model::kDefaultVocab, name, value);
  }
  static std::string Link(const std::string& name, const std::string& object) {
    return fmt::format(R"("{}{}":{{"type":"Relationship","object":"{}"}})", model::kDefaultVocab, name, object);
  }
  /// What is told of a new entity while these others are there; "" when nothing is. Counts the rounds of asking.
  std::string ToldWith(const std::string& subscription, const context::Entity& entity,
                       const std::vector<std::pair<std::string, std::string>>& others) {
    std::map<std::string, std::unique_ptr<context::Entity>> there;
    for (const auto& [other, attributes] : others) there[other] = Entity(attributes, other);
    auto change = subscriptions::Compare(nullptr, &entity);
    change.position = {1, 7};
    change.at = kNow;
    const auto compiled = Read(subscription).value();
    LinkedEntities linked;
    for (rounds_ = 1;; ++rounds_) {
      const auto text = ChangeNotification(*compiled, change, linked, kNow);
      const auto unknown = linked.TakeUnknown();
      cut_ = linked.cut();
      if (unknown.empty()) return text ? json::ToString(json::Parse(*text).value()["data"]) : "";
      for (const auto& name : unknown) linked.Put(name, there.contains(name) ? std::move(there[name]) : nullptr);
    }
  }
  json::Value Told(const std::string& subscription, const context::Entity* before, const context::Entity* after) {
    auto change = subscriptions::Compare(before, after);
    change.position = {1, 7};
    change.at = kNow;
    const auto compiled = Read(subscription).value();
    last_ = json::Parse(ChangeNotification(*compiled, change, kNow)).value();
    const json::Value& data = last_["data"];
    return data.IsArray() ? data.AsArray().at(0) : data;
  }
  context::Names names_;
  int rounds_ = 0;
  bool cut_ = false;
  json::Value last_;
};

TEST_F(NotificationTest, CarriesTheEntityInANotification) {
  const auto after = Entity(Property("a", "1"));
  EXPECT_EQ(json::ToString(Told(With(kType), nullptr, after.get())),
            R"({"id":"urn:a:1","type":"T","a":{"type":"Property","value":1}})");
  EXPECT_EQ(last_["type"].AsString(), "Notification");
  EXPECT_EQ(last_["subscriptionId"].AsString(), "urn:s:1");
  EXPECT_EQ(last_["notifiedAt"].AsString(), FormatUtc(kNow));
  const std::string id{last_["id"].AsString()};
  Told(With(kType), nullptr, after.get());
  EXPECT_EQ(last_["id"].AsString(), id) << "the same change has the same id";
}

TEST_F(NotificationTest, FollowsFormatProjectionAndMediaType) {
  const auto after = Entity(Property("a", "1") + "," + Property("b", "2"));
  EXPECT_EQ(json::ToString(Told(With(kType, R"("format":"keyValues","attributes":["b"])"), nullptr, after.get())),
            R"({"id":"urn:a:1","type":"T","b":2})");
  EXPECT_EQ(json::ToString(Told(With(kType, R"("attributes":["none"])"), nullptr, after.get())),
            R"({"id":"urn:a:1","type":"T"})");
  const auto entity = Told(With(kType, "", R"("accept":"application/ld+json")"), nullptr, after.get());
  EXPECT_EQ(last_["@context"].AsString(), kCoreContextUrl);
  EXPECT_EQ(entity["@context"].AsString(), kCoreContextUrl);
  const auto collection = Told(With(kType, "", R"("accept":"application/geo+json")"), nullptr, after.get());
  EXPECT_EQ(collection["type"].AsString(), "FeatureCollection");
  EXPECT_EQ(collection["features"].AsArray().size(), 1U);
}

TEST_F(NotificationTest, ShowsWhatIsGoneAndWhatWasBefore) {
  const auto before = Entity(Property("a", "1") + "," + Property("b", "2"));
  const auto after = Entity(Property("a", "3"));
  EXPECT_EQ(
      json::ToString(Told(With(kType), before.get(), after.get())),
      R"({"id":"urn:a:1","type":"T","a":{"type":"Property","value":3},"b":{"type":"Property","value":"urn:ngsi-ld:null"}})");
  EXPECT_EQ(json::ToString(Told(With(kType, R"("format":"keyValues")"), before.get(), after.get())),
            R"({"id":"urn:a:1","type":"T","a":3,"b":"urn:ngsi-ld:null"})");
  const auto shown = Told(With(kType, R"("showChanges":true)"), before.get(), after.get());
  EXPECT_EQ(shown["a"]["previousValue"].AsInt(), 1);
  EXPECT_EQ(shown["b"]["previousValue"].AsInt(), 2);
  EXPECT_EQ(Told(With(kType, R"("showChanges":true)"), nullptr, after.get())["a"].Find("previousValue"), nullptr);
}

TEST_F(NotificationTest, AnAttributeThatIsGoneWithAllItsInstancesIsSaidOnce) {
  const std::string many =
      fmt::format(R"("{}a":[{{"type":"Property","value":1}},{{"type":"Property","value":2,"datasetId":"urn:d:1"}}])",
                  model::kDefaultVocab);
  const std::string first = fmt::format(R"("{}a":{{"type":"Property","value":1}})", model::kDefaultVocab);
  const auto before = Entity(many + "," + Property("b", "2"));
  const auto bare = Entity(Property("b", "2"));
  const auto less = Entity(first + "," + Property("b", "2"));
  EXPECT_EQ(json::ToString(Told(With(kType), before.get(), bare.get())["a"]),
            R"({"type":"Property","value":"urn:ngsi-ld:null"})");
  EXPECT_EQ(Told(With(kType), before.get(), less.get())["a"].AsArray().size(), 2U) << "one of two is gone";
  EXPECT_EQ(Told(With(kType, R"("showChanges":true)"), before.get(), bare.get())["a"].AsArray().size(), 2U);
}

TEST_F(NotificationTest, PutsLinkedEntitiesInsideOrBehind) {
  const auto entity = Entity(Property("a", "1") + "," + Link("rel", "urn:b:1") + "," + Link("gone", "urn:b:9"));
  const std::vector<std::pair<std::string, std::string>> others{{"urn:b:1", Link("rel", "urn:c:1")},
                                                                {"urn:c:1", Property("c", "3")}};
  EXPECT_EQ(ToldWith(With(kType, R"("join":"inline","format":"keyValues","attributes":["rel"])"), *entity, others),
            R"([{"id":"urn:a:1","type":"T","rel":{"id":"urn:b:1","type":"T","rel":"urn:c:1"}}])");
  EXPECT_EQ(
      ToldWith(With(kType, R"("join":"flat","joinLevel":2,"format":"keyValues")"), *entity, others),
      R"([{"id":"urn:a:1","type":"T","a":1,"rel":"urn:b:1","gone":"urn:b:9"},{"id":"urn:b:1","type":"T","rel":"urn:c:1"},{"id":"urn:c:1","type":"T","c":3}])");
  EXPECT_EQ(ToldWith(With(kType, R"("join":"inline","joinLevel":2,"format":"keyValues","pick":["rel{rel{c}}"])"),
                     *entity, others),
            R"([{"rel":{"rel":{"c":3}}}])");
}

TEST_F(NotificationTest, LinkedEntitiesDecideWhereQAsksThem) {
  const auto entity = Entity(Property("a", "1") + "," + Link("rel", "urn:b:1"));
  const std::string q = With(kType + R"(,"q":"a==1;rel{rel{c}}>2")");
  EXPECT_NE(ToldWith(q, *entity, {{"urn:b:1", Link("rel", "urn:c:1")}, {"urn:c:1", Property("c", "3")}}), "");
  EXPECT_EQ(rounds_, 3);
  EXPECT_FALSE(cut_);
  EXPECT_EQ(ToldWith(q, *entity, {{"urn:b:1", Link("rel", "urn:c:1")}, {"urn:c:1", Property("c", "2")}}), "");
  EXPECT_EQ(ToldWith(q, *entity, {{"urn:b:1", Property("c", "3")}}), "");
  EXPECT_EQ(ToldWith(q, *entity, {}), "");
}

TEST_F(NotificationTest, MoreLinksThanItAsksForStayIds) {
  std::string objects;
  for (std::size_t i = 0; i < LinkedEntities::kMost + 5; ++i) objects += fmt::format(R"("urn:b:{}",)", i);
  objects.pop_back();
  const auto entity =
      Entity(fmt::format(R"("{}rel":{{"type":"Relationship","object":[{}]}})", model::kDefaultVocab, objects));
  std::vector<std::pair<std::string, std::string>> others;
  others.reserve(LinkedEntities::kMost + 5);
  for (std::size_t i = 0; i < LinkedEntities::kMost + 5; ++i)
    others.emplace_back(fmt::format("urn:b:{}", i), Property("b", "1"));
  const auto told = json::Parse(ToldWith(With(kType, R"("join":"flat")"), *entity, others)).value();
  EXPECT_EQ(told.AsArray().size(), 1 + LinkedEntities::kMost);
  EXPECT_TRUE(cut_);
  EXPECT_EQ(rounds_, 2);
}

TEST_F(NotificationTest, ADeletedEntityIsThreeMembers) {
  const auto before = Entity(Property("a", "1"));
  EXPECT_EQ(json::ToString(Told(With(kType + R"(,"notificationTrigger":["entityDeleted"])"), before.get(), nullptr)),
            R"({"id":"urn:a:1","type":"T","deletedAt":")" + FormatUtc(kNow) + "\"}");
  const auto with =
      Told(With(kType + R"(,"notificationTrigger":["attributeDeleted"])", R"("showChanges":true,"sysAttrs":true)"),
           before.get(), nullptr);
  EXPECT_EQ(with["a"]["value"].AsString(), "urn:ngsi-ld:null");
  EXPECT_EQ(with["a"]["previousValue"].AsInt(), 1);
  EXPECT_NE(with.Find("createdAt"), nullptr);
}

}  // namespace
}  // namespace bongsu::ngsi
