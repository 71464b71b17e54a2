// SPDX-License-Identifier: Apache-2.0
// Whatever index answers a question, the answer is the one of looking at everything.
#include "know/context/plan.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>

#include "know/context/context.hpp"

namespace bongsu::context {
namespace {

using model::PatchOp;

std::string Same(std::string_view name) { return std::string(name); }

class Town {
 public:
  explicit Town(IndexOptions options = {}) : context{std::move(options)} {}

  void Write(PatchOp op, const std::string& id, const std::string& body, std::uint16_t tenant = 0) {
    model::Record record;
    record.kind = model::Kind::kEntity;
    record.tenant = tenant;
    record.position = {0, ++seq_};
    record.ingest_time = FromMicros(1'764'000'000'000'000 + static_cast<std::int64_t>(seq_));
    context.Apply(record, {op, id, body.empty() ? json::Value{} : json::Parse(body).value()});
  }
  /// `count` stations x:n = 0, 1, 2 …
  void Fill(std::size_t count, std::uint16_t tenant = 0) {
    for (std::size_t n = 0; n < count; ++n)
      Write(PatchOp::kCreate, fmt::format("urn:s:{:06}", n),
            fmt::format(R"({{"type":"x:S","x:n":{{"type":"Property","value":{}}}}})", n), tenant);
  }
  Context context;

 private:
  std::uint64_t seq_ = 0;
};

Query Asking(std::string_view q) {
  Query query;
  query.q = ValueQuery::Parse(q, {Same, {}, true}).value();
  return query;
}

Query OfType(std::string_view type) {
  Query query;
  query.selectors.push_back({{}, std::nullopt, TypeQuery::Parse(type, Same).value()});
  return query;
}

std::vector<std::string> Ids(const Context::Selection& selection) {
  std::vector<std::string> ids;
  ids.reserve(selection.entities.size());
  for (const Entity* entity : selection.entities) ids.push_back(entity->id);
  return ids;
}

/// Everything random that a question and an entity are made of.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_{seed} {}
  std::size_t Below(std::size_t bound) { return random_() % bound; }
  bool Once(std::size_t in) { return Below(in) == 0; }
  template <std::size_t N>
  std::string Of(const std::array<const char*, N>& words) {
    return words.at(Below(N));
  }

  std::string Id() { return fmt::format("urn:e:{:03}", Below(60)); }
  std::string Type() { return Of(std::array{"x:A", "x:B", "x:C"}); }
  std::string Attribute() { return Of(std::array{"x:n", "x:s", "x:t", "x:rel", "x:mixed"}); }
  std::string Scope() { return Of(std::array{"/a", "/a/b", "/a/b/c", "/d", "/ab"}); }
  std::string Number() { return Of(std::array{"-3", "0", "-0.0", "1", "2.5", "7"}); }
  std::string Time() {
    return Of(std::array{"2026-01-01T00:00:00Z", "2026-01-01T09:00:00+09:00", "2027-05-05T05:05:05Z"});
  }
  std::string Text() {
    return '"' + (Once(3) ? Time() : Of(std::array{"one", "two", "urn:e:001", "2026-01-01"})) + '"';
  }
  std::string Scalar() { return Once(2) ? Number() : (Once(5) ? "true" : Text()); }
  std::string Value() {
    switch (Below(7)) {
      case 0:
        return "[" + Scalar() + "," + Scalar() + "]";
      case 1:
        return R"({"@type":"x:T","@value":)" + Scalar() + "}";
      case 2:
        return R"({"inner":)" + Scalar() + "}";
      default:
        return Scalar();
    }
  }
  std::string Instance(const std::string& attribute) {
    const std::string dataset = Once(4) ? R"(,"datasetId":"urn:d:1")" : "";
    const bool links = attribute == "x:rel" || (attribute == "x:mixed" && Once(2));
    if (links && Once(4))
      return R"({"type":"Relationship","object":[")" + Id() + "\",\"" + Id() + "\"]" + dataset + "}";
    if (links) return R"({"type":"Relationship","object":")" + Id() + '"' + dataset + "}";
    if (attribute == "x:s" && Once(3))
      return R"({"type":"LanguageProperty","languageMap":{"ko":)" + Text() + R"(,"en":)" + Text() + "}}";
    if (attribute == "x:n" && Once(8)) return R"({"type":"ListProperty","valueList":[)" + Scalar() + "]}";
    return R"({"type":"Property","value":)" + Value() + dataset + "}";
  }
  std::string Body(bool whole) {
    std::string body = "{";
    if (whole || Once(6)) body += R"("type":")" + Type() + "\",";
    if (Once(3)) body += R"("scope":[")" + Scope() + "\",\"" + Scope() + "\"],";
    for (std::size_t left = 1 + Below(3); left > 0; --left) {
      const std::string name = Attribute();
      if (body.find('"' + name + '"') == std::string::npos) body += '"' + name + "\":" + Instance(name) + ",";
    }
    if (Once(2))
      body += fmt::format(R"("{}":{{"type":"GeoProperty","value":{{"type":"Point","coordinates":[{},35]}}}},)",
                          kLocation, 126 + Below(4));
    body.back() = '}';
    return body;
  }
  void Change(Town& town) {
    static constexpr std::array kOps{PatchOp::kCreate, PatchOp::kUpsert,  PatchOp::kMerge,           PatchOp::kAppend,
                                     PatchOp::kUpdate, PatchOp::kReplace, PatchOp::kDeleteAttribute, PatchOp::kDelete};
    const PatchOp op = kOps.at(Below(kOps.size()));
    std::string body = Body(op == PatchOp::kCreate || op == PatchOp::kReplace || op == PatchOp::kUpsert);
    if (op == PatchOp::kDeleteAttribute)
      body = R"({"attribute":")" + (Once(4) ? std::string(Once(2) ? kLocation : "scope") : Attribute()) +
             R"(","deleteAll":true})";
    town.Write(op, Id(), op == PatchOp::kDelete ? "" : body);
  }

  std::string Term() {
    const std::string name = Attribute();
    const std::string literal = Once(3) ? "2026-01-01T00:00:00Z" : (Once(4) ? Id() : Scalar());
    switch (Below(8)) {
      case 0:
        return (Once(2) ? "!" : "") + name;
      case 1:
        return name + "==" + Number() + ".." + Number();
      case 2:
        return name + "==" + literal + "," + Scalar();
      case 3:
        return name + "!=" + Scalar();
      case 4:
        return name + "~=\"^t\"";
      case 5:
        return name + Of(std::array{">", ">=", "<", "<="}) + literal;
      default:
        return name + "==" + literal;
    }
  }
  std::string Q(int depth) {
    if (depth == 0 || Once(3)) return Term();
    return "(" + Q(depth - 1) + Of(std::array{";", "|"}) + Q(depth - 1) + ")";
  }
  Query Question() {
    Query query = Once(3) ? Query{} : Asking(Q(2));
    for (std::size_t left = Below(3); left > 0; --left) {
      Selector& selector = query.selectors.emplace_back();
      if (Once(3)) {
        selector.ids = {Id(), Id()};
      } else if (Once(5)) {
        selector.id_pattern = Pattern::Make("1$").value();
      }
      if (!Once(3))
        selector.type = TypeQuery::Parse(Once(3) ? "(" + Type() + ";" + Type() + ")|" + Type() : Type(), Same).value();
    }
    if (Once(3))
      query.scope = ScopeQuery::Parse(Of(std::array{"/a", "/a/#", "/+/b", "/#", "/a/b,/d", "/a;/d"})).value();
    if (Once(4))
      query.geo = GeoQuery::Parse(Once(4) ? "near;minDistance==1000" : "near;maxDistance==1000", "Point",
                                  fmt::format("[{},35]", 126 + Below(4)), std::string(kLocation))
                      .value();
    return query;
  }

 private:
  std::mt19937_64 random_;
};

TEST(Plan, WhateverIndexAnswersTheAnswerIsThatOfLookingAtEverything) {
  std::array<std::size_t, 7> used{};
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Dice dice{seed};
    IndexOptions options;
    if (seed % 4 != 0) options.declared = {"x:n", "x:s", "x:rel", "x:mixed"};
    Town town{options};
    for (int round = 0; round < 60; ++round) {
      for (int change = 0; change < 10; ++change) dice.Change(town);
      const Query query = dice.Question();
      const std::size_t most = dice.Below(20);
      const bool count = dice.Once(2);
      const auto all = town.context.SelectBy(IndexKind::kAll, query, most, count).value();
      const auto chosen = town.context.Select(query, most, count);
      ASSERT_EQ(Ids(chosen), Ids(all)) << "seed " << seed << " by " << NameOf(chosen.plan.chosen.kind);
      if (count) ASSERT_EQ(chosen.total, all.total);
      for (const auto kind : {IndexKind::kId, IndexKind::kType, IndexKind::kScope, IndexKind::kPlace, IndexKind::kValue,
                              IndexKind::kRelationship}) {
        const auto by = town.context.SelectBy(kind, query, most, count);
        if (!by) continue;
        ++used.at(static_cast<std::size_t>(kind));
        ASSERT_EQ(Ids(*by), Ids(all)) << "seed " << seed << " round " << round << " by " << NameOf(kind);
        if (count) ASSERT_EQ(by->total, all.total);
      }
    }
  }
  for (std::size_t kind = 1; kind < used.size(); ++kind)
    EXPECT_GT(used.at(kind), 50U) << NameOf(static_cast<IndexKind>(kind));
}

TEST(Plan, TheIndexWithTheFewestCandidatesDrives) {
  Town town{{.declared = {"x:n"}}};
  town.Fill(2000);
  Query query = OfType("x:S");
  query.q = Asking("x:n==17").q;

  const auto selection = town.context.Select(query, 20, true);

  EXPECT_EQ(Ids(selection), std::vector<std::string>{"urn:s:000017"});
  EXPECT_EQ(selection.plan.chosen.kind, IndexKind::kValue);
  EXPECT_EQ(selection.plan.chosen.of, "x:n");
  EXPECT_EQ(selection.plan.looked_at, 1U);
  query.q = Asking("x:n>=0").q;
  const auto wide = town.context.Select(query, 20, false);
  EXPECT_EQ(wide.plan.chosen.kind, IndexKind::kType);  // in the order of ids: twenty looks are enough
  EXPECT_EQ(wide.plan.looked_at, 20U);
}

TEST(Plan, WhatPointsAtAnEntityIsFoundByIt) {
  Town town;
  town.Fill(2000);
  town.Write(PatchOp::kMerge, "urn:s:000005", R"({"x:at":{"type":"Relationship","object":"urn:p:1"}})");
  const auto selection = town.context.Select(Asking("x:at==urn:p:1"), 20, true);

  EXPECT_EQ(Ids(selection), std::vector<std::string>{"urn:s:000005"});
  EXPECT_EQ(selection.plan.chosen.kind, IndexKind::kRelationship);
  EXPECT_EQ(selection.plan.looked_at, 1U);
  town.Write(PatchOp::kMerge, "urn:s:000005", R"({"x:at":{"type":"Relationship","object":"urn:p:2"}})");
  EXPECT_TRUE(Ids(town.context.Select(Asking("x:at==urn:p:1"), 20, true)).empty());
}

TEST(Plan, AnAttributeThatIsAskedAboutInVainGetsAnIndex) {
  Counter made;
  Town town{IndexOptions{.made = &made}};
  town.Fill(6000);
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(town.context.Select(Asking("x:n==17"), 20, true).plan.looked_at, round < 2 ? 6000U : 1U) << round;
  }
  EXPECT_EQ(made.value(), 1U);
  town.Write(PatchOp::kMerge, "urn:s:000017", R"({"x:n":{"type":"Property","value":18}})");
  EXPECT_EQ(Ids(town.context.Select(Asking("x:n==18"), 20, true)),
            (std::vector<std::string>{"urn:s:000017", "urn:s:000018"}));
}

TEST(Plan, AnIndexThatNobodyAsksAnyMoreGoes) {
  Counter given_up;
  Town town{IndexOptions{.given_up = &given_up}};
  town.Fill(5000);
  for (int round = 0; round < 3; ++round) town.context.Select(Asking("x:n==17"), 20, true);
  EXPECT_EQ(town.context.value_entries(), 5000U);

  for (int n = 0; n <= 80'000; ++n)
    town.Write(PatchOp::kMerge, "urn:s:000017", fmt::format(R"({{"x:n":{{"type":"Property","value":{}}}}})", n));

  EXPECT_EQ(town.context.value_entries(), 0U);
  EXPECT_EQ(given_up.value(), 1U);
}

TEST(Plan, IndexesOfValuesStayInsideTheirBound) {
  Counter given_up;
  Town town{{.declared = {"x:n"}, .max_entries = 1000, .given_up = &given_up}};
  town.Fill(1000);
  EXPECT_EQ(town.context.value_entries(), 1000U);

  town.Fill(1, 7);  // of another tenant: one too many

  EXPECT_EQ(town.context.value_entries(), 1000U);
  EXPECT_EQ(given_up.value(), 1U);
  EXPECT_EQ(Ids(town.context.Select(Asking("x:n==999"), 20, true)), std::vector<std::string>{"urn:s:000999"});
}

TEST(Plan, CountsAreThoseOfTheTenantAlone) {
  Town town{{.declared = {"x:n"}}};
  town.Fill(50);
  town.Fill(3000, 7);
  Query query = OfType("x:S");
  query.q = Asking("x:n>=0").q;

  const auto plan = town.context.Select(query, 5, true).plan;

  EXPECT_LE(plan.chosen.count, 50U);
  EXPECT_LE(plan.looked_at, 50U);
  for (const auto& other : plan.considered) EXPECT_LE(other.count, 50U) << NameOf(other.kind);
}

}  // namespace
}  // namespace bongsu::context
