// SPDX-License-Identifier: Apache-2.0
#include "know/context/patch.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "base/bytes.hpp"

namespace bongsu::context {
namespace {

using model::EntityPatch;
using model::PatchOp;

constexpr TimePoint kFirst = FromMicros(1'000'000);
constexpr TimePoint kSecond = FromMicros(2'000'000);
const std::string kId = "urn:ngsi-ld:Bell:B-1";

class PatchTest : public ::testing::Test {
 protected:
  Change Apply(PatchOp op, const std::string& body, TimePoint at = kSecond) {
    return ApplyPatch(entity_, EntityPatch{op, kId, body.empty() ? json::Value{} : json::Parse(body).value()}, at,
                      names_);
  }
  /// JSON of the default instance of an attribute; "" when there is none.
  std::string Text(const std::string& name) const {
    const Attribute* attribute = entity_ ? entity_->Find(name) : nullptr;
    return attribute != nullptr ? attribute->json : "";
  }

  Names names_;
  std::unique_ptr<Entity> entity_;
};

const std::string kBell = R"({"type":"x:Bell","scope":"/a","x:level":{"type":"Property","value":1,"unitCode":"P1"},
  "x:of":{"type":"Relationship","object":"urn:a:1"},"x:name":{"type":"LanguageProperty","languageMap":{"ko":"종","en":"Bell"}}})";

TEST_F(PatchTest, CreationSetsBothTimesOfEntityAndAttributes) {
  EXPECT_EQ(Apply(PatchOp::kCreate, kBell, kFirst), Change::kCreated);

  EXPECT_EQ(entity_->created, kFirst);
  EXPECT_EQ(entity_->Find("x:level")->modified, kFirst);
  EXPECT_EQ(entity_->scopes, std::vector<std::string>{"/a"});
  EXPECT_TRUE(entity_->HasType("x:Bell"));
}

TEST_F(PatchTest, AppendReplacesWholeAndKeepsTheTimeOfCreation) {
  Apply(PatchOp::kCreate, kBell, kFirst);

  Apply(PatchOp::kAppend, R"({"x:level":{"type":"Property","value":2},"x:new":{"type":"Property","value":3}})");

  EXPECT_EQ(Text("x:level"), R"({"type":"Property","value":2})");
  EXPECT_EQ(entity_->Find("x:level")->created, kFirst);
  EXPECT_EQ(entity_->Find("x:level")->modified, kSecond);
  EXPECT_EQ(entity_->Find("x:of")->modified, kFirst);
  EXPECT_EQ(entity_->Find("x:new")->created, kSecond);
  EXPECT_EQ(entity_->modified, kSecond);
}

TEST_F(PatchTest, NoOverwriteKeepsWhatIsThere) {
  Apply(PatchOp::kCreate, kBell, kFirst);

  Apply(PatchOp::kAppendNoOverwrite,
        R"({"scope":"/b","x:level":{"type":"Property","value":2},"x:new":{"type":"Property","value":3}})");

  EXPECT_EQ(Text("x:level"), R"({"type":"Property","value":1,"unitCode":"P1"})");
  EXPECT_EQ(Text("x:new"), R"({"type":"Property","value":3})");
  EXPECT_EQ(entity_->scopes, (std::vector<std::string>{"/a", "/b"}));
}

TEST_F(PatchTest, UpdateDeletesWithTheNgsiNullAndAddsTypesButNoScopeToAnEntityWithout) {
  Apply(PatchOp::kCreate, R"({"type":"x:Bell","x:level":{"type":"Property","value":1}})", kFirst);

  Apply(PatchOp::kUpdate,
        R"({"type":"x:Device","scope":"/b","x:level":{"type":"Property","value":"urn:ngsi-ld:null"}})");

  EXPECT_EQ(Text("x:level"), "");
  EXPECT_TRUE(entity_->HasType("x:Bell"));
  EXPECT_TRUE(entity_->HasType("x:Device"));
  EXPECT_TRUE(entity_->scopes.empty());
}

TEST_F(PatchTest, MergeGoesIntoObjectsAndDeletesMembers) {
  Apply(PatchOp::kCreate,
        R"({"type":"x:Bell","x:box":{"type":"Property","value":{"a":1,"b":{"c":2,"d":3}},"unitCode":"P1"},
     "x:name":{"type":"LanguageProperty","languageMap":{"ko":"종","en":"Bell"}}})",
        kFirst);

  Apply(PatchOp::kMerge,
        R"({"x:box":{"type":"Property","value":{"b":{"c":"urn:ngsi-ld:null","e":4}},"unitCode":"urn:ngsi-ld:null"},
     "x:name":{"type":"LanguageProperty","languageMap":{"en":"Emergency bell"}}})");

  EXPECT_EQ(Text("x:box"), R"({"type":"Property","value":{"a":1,"b":{"d":3,"e":4}}})");
  EXPECT_EQ(Text("x:name"), R"({"type":"LanguageProperty","languageMap":{"ko":"종","en":"Emergency bell"}})");
}

TEST_F(PatchTest, PartialUpdateOverwritesMembersAndTouchesNoMissingAttribute) {
  Apply(PatchOp::kCreate, kBell, kFirst);

  Apply(PatchOp::kPartial, R"({"x:level":{"value":5}})");
  EXPECT_EQ(Apply(PatchOp::kPartial, R"({"x:none":{"value":5}})"), Change::kNothing);

  EXPECT_EQ(Text("x:level"), R"({"type":"Property","value":5,"unitCode":"P1"})");
  EXPECT_EQ(Text("x:none"), "");
}

TEST_F(PatchTest, InstancesOfOneAttributeAreKeptApartByDatasetId) {
  Apply(
      PatchOp::kCreate,
      R"({"type":"x:Bell","x:v":[{"type":"Property","value":1},{"type":"Property","value":2,"datasetId":"urn:d:1"}]})",
      kFirst);

  Apply(
      PatchOp::kAppend,
      R"({"x:v":[{"type":"Property","value":3,"datasetId":"urn:d:1"},{"type":"Property","value":4,"datasetId":"urn:d:2"}]})");

  ASSERT_EQ(entity_->attributes.size(), 3U);
  EXPECT_EQ(entity_->attributes[0].json, R"({"type":"Property","value":1})");
  EXPECT_EQ(entity_->attributes[1].json, R"({"type":"Property","value":3,"datasetId":"urn:d:1"})");
  EXPECT_EQ(Apply(PatchOp::kDeleteAttribute, R"({"attribute":"x:v","datasetId":"urn:d:1"})"), Change::kChanged);
  EXPECT_EQ(entity_->attributes.size(), 2U);
  EXPECT_EQ(Apply(PatchOp::kDeleteAttribute, R"({"attribute":"x:v","deleteAll":true})"), Change::kChanged);
  EXPECT_TRUE(entity_->attributes.empty());
}

TEST_F(PatchTest, ReplaceDropsEverythingButTheTimeOfCreation) {
  Apply(PatchOp::kCreate, kBell, kFirst);

  Apply(PatchOp::kReplace, R"({"type":"x:Other","x:only":{"type":"Property","value":1}})");

  EXPECT_EQ(entity_->created, kFirst);
  EXPECT_EQ(entity_->modified, kSecond);
  EXPECT_EQ(entity_->attributes.size(), 1U);
  EXPECT_FALSE(entity_->HasType("x:Bell"));
}

TEST_F(PatchTest, WhatCannotBeAppliedChangesNothing) {
  EXPECT_EQ(Apply(PatchOp::kAppend, kBell), Change::kNothing);
  EXPECT_EQ(Apply(PatchOp::kDelete, ""), Change::kNothing);
  EXPECT_EQ(Apply(PatchOp::kUpsert, kBell), Change::kCreated);
  EXPECT_EQ(Apply(PatchOp::kUpsert, R"({"x:level":[1,null,"x"]})"), Change::kNothing);
  EXPECT_EQ(Apply(PatchOp::kDelete, ""), Change::kDeleted);
}

/// The whole-attribute operations as a map from (name, dataset) to a number: what the fold must agree with.
TEST_F(PatchTest, AgreesWithAMapOverManyRandomChanges) {
  using Key = std::pair<std::string, std::string>;
  std::map<Key, int> model;
  bool exists = false;
  std::mt19937 random{20261122};
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };

  for (int step = 0; step < 20'000; ++step) {
    const Key key{"x:a" + std::to_string(pick(4)), pick(3) == 0 ? "" : "urn:d:" + std::to_string(pick(2))};
    const int value = pick(1000);
    json::Value instance = json::Object{{"type", "Property"}, {"value", value}};
    if (!key.second.empty()) instance.Set("datasetId", key.second);
    json::Value body = json::Object{{"type", "x:T"}, {key.first, instance}};
    const PatchOp op = static_cast<PatchOp>(pick(11));
    if (op == PatchOp::kDeleteAttribute) body = json::Object{{"attribute", key.first}, {"datasetId", key.second}};
    ApplyPatch(entity_, EntityPatch{op, kId, body}, FromMicros(step + 1), names_);

    switch (op) {
      case PatchOp::kCreate:
        model = {{key, value}};
        exists = true;
        break;
      case PatchOp::kReplace:
        if (exists) model = {{key, value}};
        break;
      case PatchOp::kUpsert:
        exists = true;
        model[key] = value;
        break;
      case PatchOp::kMerge:
      case PatchOp::kAppend:
      case PatchOp::kUpdate:
      case PatchOp::kReplaceAttribute:
        if (exists) model[key] = value;
        break;
      case PatchOp::kAppendNoOverwrite:
        if (exists) model.emplace(key, value);
        break;
      case PatchOp::kPartial:
        if (exists && model.contains(key)) model[key] = value;
        break;
      case PatchOp::kDeleteAttribute:
        model.erase(key);
        break;
      case PatchOp::kDelete:
        model.clear();
        exists = false;
        break;
      default:
        break;
    }

    ASSERT_EQ(entity_ != nullptr, exists) << "step " << step;
    std::map<Key, int> folded;
    for (const auto& attribute : exists ? entity_->attributes : std::vector<Attribute>{}) {
      const auto parsed = json::Parse(attribute.json).value();
      folded[{*attribute.name, std::string(DatasetOf(parsed))}] = static_cast<int>(parsed["value"].AsInt());
    }
    ASSERT_EQ(folded, model) << "step " << step << " op " << model::PatchOpName(op);
  }
}

TEST_F(PatchTest, LateHistoryMovesAnEntityOnlyWhenItIsNewer) {
  const auto at = [](int hour, int value) {
    return fmt::format(R"({{"type":"Property","value":{},"observedAt":"2026-11-22T{:02}:00:00Z"}})", value, hour);
  };
  EXPECT_EQ(Apply(PatchOp::kTemporalAppend, R"({"x:n":[)" + at(3, 3) + "]}"), Change::kNothing);
  EXPECT_EQ(
      Apply(PatchOp::kTemporalUpsert, R"({"type":"x:T","x:n":[)" + at(3, 3) + "," + at(5, 5) + "," + at(4, 4) + "]}"),
      Change::kCreated);
  EXPECT_EQ(Text("x:n"), at(5, 5));
  EXPECT_EQ(entity_->attributes.size(), 1U);

  EXPECT_EQ(Apply(PatchOp::kTemporalAppend, R"({"x:n":)" + at(2, 2) + "}"), Change::kNothing);
  EXPECT_EQ(Apply(PatchOp::kTemporalAppend, R"({"x:n":)" + at(6, 6) + "}"), Change::kChanged);
  EXPECT_EQ(Text("x:n"), at(6, 6));
  EXPECT_EQ(Apply(PatchOp::kTemporalDelete, ""), Change::kNothing);
  EXPECT_EQ(Apply(PatchOp::kTemporalDeleteAttribute, R"({"attribute":"x:n"})"), Change::kNothing);
  EXPECT_EQ(Text("x:n"), at(6, 6));
}

TEST_F(PatchTest, StoredBytesReadBackAsTheSameEntity) {
  Apply(PatchOp::kCreate, kBell, kFirst);
  const std::string bytes = Encode(*entity_);

  Names others;
  const auto read = Decode(bytes, others);

  ASSERT_TRUE(read);
  EXPECT_EQ(Encode(*read), bytes);
  EXPECT_EQ(read->Find("x:of")->kind, AttributeKind::kRelationship);
  for (std::size_t cut = 0; cut < bytes.size(); ++cut)
    EXPECT_FALSE(Decode(std::string_view{bytes}.substr(0, cut), others)) << cut;
}

/// Formats 1 and 2 by hand: what earlier versions saved is read.
TEST_F(PatchTest, BytesOfEarlierFormatsAreRead) {
  const std::string kIri = "https://uri.etsi.org/ngsi-ld/default-context/Bell";
  const auto bytes = [&](char format) {
    std::string out{format, 5, 3};  // tenant, partition
    PutText(out, "urn:a:1");
    for (const std::uint64_t time : {1'000'000U, 2'000'000U, 3'000'000U}) PutVarint(out, time);
    out += '\x01';
    if (format == 1) {
      PutText(out, kIri);
    } else {
      PutVarint(out, 4U << 2U);
      out += "Bell";
    }
    out += '\x01';
    PutText(out, "/a");
    if (format == 3) PutVarint(out, 1'000'000);
    out += '\0';
    return out;
  };
  for (const char format : {'\1', '\2'}) {
    Names names;
    const auto read = Decode(bytes(format), names);
    ASSERT_TRUE(read) << int{format};
    EXPECT_EQ(read->tenant, 5);
    EXPECT_EQ(*read->types.at(0), kIri);
    EXPECT_EQ(read->scopes, std::vector<std::string>{"/a"});
    EXPECT_EQ(read->scoped, read->created);  // the best that is known
    EXPECT_EQ(Encode(*read), bytes('\3'));
  }
}

TEST_F(PatchTest, StateHashDoesNotDependOnOrder) {
  StateHash one;
  one.Add("a");
  one.Add("b");
  StateHash other;
  other.Add("b");
  other.Add("c");
  other.Add("a");
  other.Remove("c");

  EXPECT_EQ(one.Text(), other.Text());
  EXPECT_NE(one.Text(), StateHash{}.Text());
}

}  // namespace
}  // namespace bongsu::context
