// SPDX-License-Identifier: Apache-2.0
#include "serve/rules/rule_routes.hpp"

#include <gtest/gtest.h>

namespace bongsu::api {
namespace {

constexpr std::string_view kRule = R"(title: Bell
id: bell
logsource: {category: device}
detection:
  press: {type: bell.press}
  condition: press
bongsu: {service: crime, version: 3, severity: 2}
)";

class RuleRoutesTest : public ::testing::Test {
 protected:
  RuleRoutesTest() {
    auto set = rules::RuleSet::Build(rules::ReadRuleFile(kRule, "bell.yaml", {}).rules).set;
    routes_ = RuleRoutes({.rules = [set] { return set; },
                          .matches = [](std::string_view) { return std::uint64_t{5}; },
                          .reload =
                              [this](const guard::Who& who, const auto& done) {
                                asked_by_ = who.actor;
                                done(json::Value{json::Object{{"version", "v2"}}});
                              },
                          .findings = [this](const FindingQuery& query, const auto& done) { done(log_.Find(query)); }});
  }
  http::Response Get(std::size_t route, std::vector<std::pair<std::string, std::string>> query = {},
                     std::string id = {}) {
    Call call;
    call.request.query = std::move(query);
    call.params["id"] = std::move(id);
    http::Response answer;
    routes_[route].handler(std::move(call), [&](http::Response response) { answer = std::move(response); });
    return answer;
  }
  Routes routes_;
  FindingLog log_;
  std::string asked_by_;
};

TEST_F(RuleRoutesTest, ListsRulesWithTheirBound) {
  const auto body = *json::Parse(Get(0).body);

  const json::Value& rule = body["items"].AsArray().at(0);
  EXPECT_EQ(rule["id"].AsString(), "bell");
  EXPECT_EQ(rule["version"].AsInt(), 3);
  EXPECT_EQ(rule["matches"].AsInt(), 5);
  EXPECT_GT(rule["bytes_bound"].AsInt(), 0);
  EXPECT_TRUE(body["next"].IsNull());
  EXPECT_EQ(body["version"].AsString().size(), 16U);
}

TEST_F(RuleRoutesTest, ShowsOneRuleAsWrittenAndNoneThatIsNotThere) {
  EXPECT_EQ((*json::Parse(Get(1, {}, "bell").body))["text"].AsString(), kRule);
  EXPECT_EQ(Get(1, {}, "none").status, 404);
}

TEST_F(RuleRoutesTest, OnlyThePlatformsPeopleReload) {
  const auto reload = [&](std::uint16_t tenant) {
    Call call;
    call.caller.id = "u-1";
    call.caller.tenant = tenant;
    http::Response answer;
    routes_.back().handler(std::move(call), [&](http::Response response) { answer = std::move(response); });
    return answer;
  };

  EXPECT_EQ(routes_.back().pattern, "/api/v1/rules/reload");
  EXPECT_EQ(routes_.back().permission, guard::Permission::kManageRules);
  EXPECT_EQ(reload(1).status, 403);
  EXPECT_TRUE(asked_by_.empty());
  EXPECT_EQ((*json::Parse(reload(0).body))["version"].AsString(), "v2");
  EXPECT_EQ(asked_by_, "u-1");
}

TEST_F(RuleRoutesTest, PagesFindingsNewestFirst) {
  for (int i = 1; i <= 3; ++i) {
    model::Finding finding;
    finding.id = Hash128{static_cast<std::uint64_t>(i)};
    finding.rule = "bell";
    log_.Take(finding);
  }

  const auto first = *json::Parse(Get(2, {{"limit", "2"}}).body);
  const auto second = *json::Parse(Get(2, {{"limit", "2"}, {"cursor", std::string(first["next"].AsString())}}).body);

  EXPECT_EQ(first["items"].AsArray().size(), 2U);
  EXPECT_EQ(first["items"].AsArray()[0]["id"].AsString(), ToText(Hash128{3}));
  EXPECT_EQ(second["items"].AsArray().size(), 1U);
  EXPECT_TRUE(second["next"].IsNull());
  EXPECT_EQ(Get(2, {{"limit", "x"}}).status, 400);
}

}  // namespace
}  // namespace bongsu::api
