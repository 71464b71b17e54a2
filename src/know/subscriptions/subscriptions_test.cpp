// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "know/context/context.hpp"
#include "know/subscriptions/index.hpp"

namespace bongsu::subscriptions {
namespace {

using model::PatchOp;

std::string Same(std::string_view name) { return std::string(name); }

/// Folds patches and tells of each which of the subscriptions it concerns.
class SubscriptionsTest : public ::testing::Test, private context::ChangeWatch {
 protected:
  SubscriptionsTest() { context_.set_watch(this); }

  std::vector<std::string> Fold(PatchOp op, const std::string& body, const std::string& id = "urn:a:1") {
    model::EntityPatch patch{op, id, body.empty() ? json::Value{} : json::Parse(body).value()};
    model::Record record;
    record.kind = model::Kind::kEntity;
    record.position = {3, ++seq_};
    record.ingest_time = now_ += Duration{1};
    told_.clear();
    context_.Apply(record, patch);
    std::vector<std::string> candidates;
    index_.FindCandidates(record, patch, {}, [&](const SpecPtr& spec) { candidates.push_back(spec->id); });
    for (const auto& told : told_) EXPECT_NE(std::ranges::find(candidates, told), candidates.end()) << told;
    return told_;
  }

  std::shared_ptr<Spec> Put(const std::string& id, const std::string& type = "x:T") {
    auto spec = std::make_shared<Spec>();
    spec->id = id;
    if (!type.empty())
      spec->query.selectors.push_back({{}, std::nullopt, context::TypeQuery::Parse(type, Same).value()});
    specs_[id] = spec;
    index_.Put(spec);
    return spec;
  }
  void Again(const std::shared_ptr<Spec>& spec) { index_.Put(spec); }

  static std::string Body(int n, const std::string& more = {}) {
    return fmt::format(R"({{"type":"x:T","x:n":{{"type":"Property","value":{}}}{}}})", n, more);
  }

  context::Context context_;
  Index index_;
  std::map<std::string, std::shared_ptr<Spec>> specs_;
  TimePoint now_ = FromMicros(1'764'000'000'000'000);
  std::uint64_t seq_ = 0;

 private:
  void Before(const model::Record&, const model::EntityPatch&, const context::Entity* entity) override {
    before_.reset();
    if (entity != nullptr) before_ = *entity;
  }
  void After(const model::Record& record, context::Change change, const context::Entity* entity) override {
    if (change == context::Change::kNothing) return;
    EntityChange seen = Compare(before_ ? &*before_ : nullptr, entity);
    seen.position = record.position;
    seen.at = record.ingest_time;
    const bool wanted =
        index_.WantsEntity(0, seen.entity().id) ||
        std::ranges::any_of(seen.entity().types, [&](context::Name type) { return index_.WantsType(0, *type); });
    if (!wanted) return;
    index_.Find(0, seen, [&](const SpecPtr& spec) { told_.push_back(spec->id); });
  }
  std::optional<context::Entity> before_;
  std::vector<std::string> told_;
};

using Told = std::vector<std::string>;

TEST_F(SubscriptionsTest, TellsByDefaultOfNewAndChangedAttributesOnly) {
  Put("s");

  EXPECT_EQ(Fold(PatchOp::kCreate, Body(1)), Told{"s"});
  EXPECT_EQ(Fold(PatchOp::kUpdate, R"({"x:n":{"type":"Property","value":2}})"), Told{"s"});
  EXPECT_EQ(Fold(PatchOp::kUpdate, R"({"x:m":{"type":"Property","value":2}})"), Told{"s"});
  EXPECT_EQ(Fold(PatchOp::kDeleteAttribute, R"({"attribute":"x:m"})"), Told{});
  EXPECT_EQ(Fold(PatchOp::kDelete, ""), Told{});
}

TEST_F(SubscriptionsTest, SaysNothingWhenAnUpdateChangesNoMember) {
  Put("s");
  Fold(PatchOp::kCreate, Body(1));

  EXPECT_EQ(Fold(PatchOp::kUpdate, R"({"x:n":{"value":1,"type":"Property"}})"), Told{});
  EXPECT_EQ(Fold(PatchOp::kUpdate, R"({"x:n":{"type":"Property","value":1,"unitCode":"C"}})"), Told{"s"});
}

TEST_F(SubscriptionsTest, EachTriggerFiresForItsOwnChange) {
  for (const auto* word : {"entityCreated", "entityUpdated", "entityDeleted", "attributeCreated", "attributeUpdated",
                           "attributeDeleted"}) {
    const auto spec = Put(word);
    spec->triggers = TriggerBits(word).value();
    Again(spec);
  }
  const auto sorted = [](Told told) {
    std::ranges::sort(told);
    return told;
  };

  EXPECT_EQ(sorted(Fold(PatchOp::kCreate, Body(1))), (Told{"attributeCreated", "entityCreated", "entityUpdated"}));
  EXPECT_EQ(sorted(Fold(PatchOp::kMerge, R"({"x:n":{"type":"Property","value":5}})")),
            (Told{"attributeUpdated", "entityUpdated"}));
  EXPECT_EQ(sorted(Fold(PatchOp::kUpdate, R"({"x:n":{"type":"Property","value":"urn:ngsi-ld:null"}})")),
            (Told{"attributeDeleted", "entityUpdated"}));
  Fold(PatchOp::kUpdate, R"({"x:n":{"type":"Property","value":5}})");
  EXPECT_EQ(sorted(Fold(PatchOp::kDelete, "")), (Told{"attributeDeleted", "entityDeleted", "entityUpdated"}));
  EXPECT_FALSE(TriggerBits("entityMoved"));
}

TEST_F(SubscriptionsTest, WatchedAttributesLimitWhatCounts) {
  const auto spec = Put("s");
  spec->watched = {"x:m"};
  Again(spec);

  EXPECT_EQ(Fold(PatchOp::kCreate, Body(1)), Told{});
  EXPECT_EQ(Fold(PatchOp::kUpdate, R"({"x:n":{"type":"Property","value":2}})"), Told{});
  EXPECT_EQ(Fold(PatchOp::kUpdate, R"({"x:m":{"type":"Property","value":2}})"), Told{"s"});
}

TEST_F(SubscriptionsTest, FiltersLookAtTheEntityAfterTheChange) {
  const auto spec = Put("s");
  spec->query.q = context::ValueQuery::Parse("x:n>10", {Same, {}}).value();
  spec->query.scope = context::ScopeQuery::Parse("/A/#").value();
  Again(spec);

  EXPECT_EQ(Fold(PatchOp::kCreate, Body(11)), Told{}) << "without the scope";
  EXPECT_EQ(Fold(PatchOp::kReplace, Body(12, R"(,"scope":"/A/B")")), Told{"s"});
  EXPECT_EQ(Fold(PatchOp::kUpdate, R"({"x:n":{"type":"Property","value":9}})"), Told{});
  EXPECT_EQ(Fold(PatchOp::kUpdate, R"({"x:n":{"type":"Property","value":13}})"), Told{"s"});
}

TEST_F(SubscriptionsTest, SelectsByIdByPatternAndByTypes) {
  const auto by_id = Put("id", "*");
  by_id->query.selectors[0].ids = {"urn:a:1"};
  Again(by_id);
  const auto by_pattern = Put("pattern", "*");
  by_pattern->query.selectors[0].id_pattern = context::Pattern::Make("^urn:b:").value();
  Again(by_pattern);
  Put("other", "x:Other");
  Put("either", "x:Other,x:T");

  EXPECT_EQ(Fold(PatchOp::kCreate, Body(1)), (Told{"id", "either"}));
  EXPECT_EQ(Fold(PatchOp::kCreate, Body(1), "urn:b:1"), (Told{"pattern", "either"}));
}

TEST_F(SubscriptionsTest, PausedExpiredAndTimedOnesAreNotTold) {
  const auto paused = Put("paused");
  paused->active = false;
  const auto expired = Put("expired");
  expired->expires = now_;
  const auto later = Put("later");
  later->active_since = now_ + 1s;
  const auto timed = Put("timed");
  timed->interval = 5s;

  EXPECT_EQ(Fold(PatchOp::kCreate, Body(1)), Told{});
}

TEST_F(SubscriptionsTest, LooksOnlyAtThoseOfTheTypeIdOrAttribute) {
  for (int i = 0; i < 1000; ++i) {
    const auto spec = Put("by-id-" + std::to_string(i));
    spec->query.selectors[0].ids = {"urn:z:" + std::to_string(i)};
    Again(spec);
    const auto watching = Put("by-attribute-" + std::to_string(i));
    watching->watched = {"x:m" + std::to_string(i)};
    Again(watching);
    Put("by-type-" + std::to_string(i), "x:Other" + std::to_string(i));
  }

  EXPECT_EQ(Fold(PatchOp::kCreate, Body(1, R"(,"x:m7":{"type":"Property","value":1})")), Told{"by-attribute-7"});
  EXPECT_EQ(index_.looked_at(), 1U);

  for (const auto& [id, spec] : specs_) index_.Remove(0, id);
  EXPECT_EQ(index_.size(), 0U);
  EXPECT_TRUE(index_.Empty(0));
}

}  // namespace
}  // namespace bongsu::subscriptions
