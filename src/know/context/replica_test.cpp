// SPDX-License-Identifier: Apache-2.0
#include "know/context/replica.hpp"

#include <gtest/gtest.h>

#include "know/context/entity.hpp"
#include "model/core_context.hpp"
#include "model/entity_patch.hpp"

namespace bongsu::context {
namespace {

using model::EntityPatch;
using model::PatchOp;

class ReplicaTest : public ::testing::Test {
 protected:
  void Put(PatchOp op, const std::string& id, const std::string& body, std::uint16_t tenant = 0) {
    EntityPatch patch{op, id, {}};
    // Bodies in these tests have short names; the journal has IRIs.
    const auto parsed = json::Parse(body);
    for (const auto& [name, value] : parsed->AsObject()) {
      if (name == "type") {
        patch.body.Set(name, model::ExpandCore(value.AsString()));
      } else {
        patch.body.Set(name == "attribute" ? name : model::ExpandCore(name),
                       name == "attribute" ? json::Value{model::ExpandCore(value.AsString())} : value);
      }
    }
    model::Record record = model::ToRecord(patch, tenant, {}, "test", 16);
    record.position.seq = ++seq_;
    record.ingest_time = FromMicros(static_cast<std::int64_t>(seq_) * 1000);
    lone_.Apply(record);
  }

  LoneReplica lone_{ReplicaConfig{{"status"}, {{"Camera", {"refSwitch"}}}, {{"D1", {"중앙동", "Jungang-dong"}}}, 1000}};
  const Replica& replica_ = lone_.replica();
  std::uint64_t seq_ = 0;
};

const std::string kCamera =
    R"({"type":"Camera","name":{"type":"LanguageProperty","languageMap":{"ko":"시장 1","en":"Market 1"}},
        "location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[126.600,35.800]}},
        "district":{"type":"Property","value":"D1"},"status":{"type":"Property","value":"ok"},
        "fps":{"type":"Property","value":15},"refSwitch":{"type":"Relationship","object":"urn:ngsi-ld:NetworkSwitch:SW-1"}})";

TEST_F(ReplicaTest, KeepsNamePlaceAndDeclaredAttributesOnly) {
  Put(PatchOp::kCreate, "urn:ngsi-ld:Camera:C-1", kCamera);

  const ReplicaEntity* camera = replica_.Find(0, "urn:ngsi-ld:Camera:C-1");

  ASSERT_NE(camera, nullptr);
  EXPECT_EQ(camera->type, "Camera");
  EXPECT_EQ(camera->name.en, "Market 1");
  ASSERT_TRUE(camera->point);
  EXPECT_DOUBLE_EQ(camera->point->lon_deg, 126.6);
  EXPECT_EQ(camera->place()->district.ko, "중앙동");
  EXPECT_EQ(camera->place()->entity, camera->id);
  EXPECT_EQ(camera->attributes["status"].AsString(), "ok");
  EXPECT_TRUE(camera->attributes["fps"].IsNull());
}

TEST_F(ReplicaTest, FindsTheCamerasOfASwitchUntilTheyHangOnAnother) {
  Put(PatchOp::kCreate, "urn:ngsi-ld:Camera:C-1", kCamera);
  Put(PatchOp::kCreate, "urn:ngsi-ld:Camera:C-2", kCamera);
  EXPECT_EQ(replica_.Children(0, "refSwitch", "urn:ngsi-ld:NetworkSwitch:SW-1").size(), 2U);

  Put(PatchOp::kUpsert, "urn:ngsi-ld:Camera:C-2",
      R"({"refSwitch":{"type":"Relationship","object":"urn:ngsi-ld:NetworkSwitch:SW-2"}})");

  EXPECT_EQ(replica_.Children(0, "refSwitch", "urn:ngsi-ld:NetworkSwitch:SW-1").size(), 1U);
  ASSERT_EQ(replica_.Children(0, "urn:ngsi-ld:NetworkSwitch:SW-2").size(), 1U);
  EXPECT_EQ(replica_.Children(0, "urn:ngsi-ld:NetworkSwitch:SW-2").front()->id, "urn:ngsi-ld:Camera:C-2");
}

TEST_F(ReplicaTest, GivesWhatIsNearNearestFirst) {
  Put(PatchOp::kCreate, "urn:ngsi-ld:Camera:C-1", kCamera);
  Put(PatchOp::kCreate, "urn:ngsi-ld:Camera:C-2", kCamera);
  Put(PatchOp::kUpsert, "urn:ngsi-ld:Camera:C-2",
      R"({"location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[126.6005,35.8]}}})");
  Put(PatchOp::kCreate, "urn:ngsi-ld:Camera:C-3", kCamera);
  Put(PatchOp::kUpsert, "urn:ngsi-ld:Camera:C-3",
      R"({"location":{"type":"GeoProperty","value":{"type":"Point","coordinates":[126.7,35.8]}}})");

  const auto hits = replica_.Near(0, {35.8, 126.601}, 200, "Camera");

  ASSERT_EQ(hits.size(), 2U);
  EXPECT_EQ(hits[0].entity->id, "urn:ngsi-ld:Camera:C-2");
  EXPECT_NEAR(hits[0].distance_m, 45.1, 0.5);
  EXPECT_TRUE(replica_.Near(0, {35.8, 126.601}, 200, "EmergencyBell").empty());
  EXPECT_EQ(replica_.Near(0, {35.8, 126.601}, 200, {}, 1).size(), 1U);
}

TEST_F(ReplicaTest, ShowsNothingOfAnotherTenant) {
  Put(PatchOp::kCreate, "urn:ngsi-ld:Camera:C-1", kCamera, 3);

  EXPECT_EQ(replica_.Find(0, "urn:ngsi-ld:Camera:C-1"), nullptr);
  EXPECT_TRUE(replica_.Near(0, {35.8, 126.6}, 1000).empty());
  EXPECT_TRUE(replica_.Children(0, "urn:ngsi-ld:NetworkSwitch:SW-1").empty());
  EXPECT_NE(replica_.Find(3, "urn:ngsi-ld:Camera:C-1"), nullptr);
}

TEST_F(ReplicaTest, ARepetitionOfWhatItKeepsChangesNothing) {
  Put(PatchOp::kCreate, "urn:ngsi-ld:Camera:C-1", kCamera);
  const TimePoint then = replica_.Find(0, "urn:ngsi-ld:Camera:C-1")->modified_at;

  Put(PatchOp::kUpsert, "urn:ngsi-ld:Camera:C-1", kCamera);
  Put(PatchOp::kUpsert, "urn:ngsi-ld:Camera:C-1",
      R"({"type":"Camera","fps":{"type":"Property","value":3},"status":{"type":"Property","value":"ok"}})");
  EXPECT_EQ(replica_.Find(0, "urn:ngsi-ld:Camera:C-1")->modified_at, then);
  Put(PatchOp::kUpsert, "urn:ngsi-ld:Camera:C-1", R"({"type":"Camera","status":{"type":"Property","value":"fault"}})");

  EXPECT_GT(replica_.Find(0, "urn:ngsi-ld:Camera:C-1")->modified_at, then);
  EXPECT_EQ(replica_.Find(0, "urn:ngsi-ld:Camera:C-1")->attributes["status"].AsString(), "fault");
}

TEST_F(ReplicaTest, KeepsWhatItIsWidenedByFromThenOn) {
  Put(PatchOp::kCreate, "urn:ngsi-ld:Camera:C-1", kCamera);

  EXPECT_EQ(lone_.replica().Widen({"fps", "status"}), std::vector<std::string>{model::ExpandCore("fps")});
  EXPECT_TRUE(lone_.replica().Widen({"fps"}).empty());
  EXPECT_TRUE(replica_.Find(0, "urn:ngsi-ld:Camera:C-1")->attributes["fps"].IsNull());
  Put(PatchOp::kUpsert, "urn:ngsi-ld:Camera:C-1", R"({"fps":{"type":"Property","value":3}})");

  EXPECT_EQ(replica_.Find(0, "urn:ngsi-ld:Camera:C-1")->attributes["fps"].AsInt(), 3);
}

TEST_F(ReplicaTest, SeesAnEntityAgainOnlyWhenWhatIsKeptOfItChanged) {
  Names names;
  Entity entity;
  entity.id = "urn:ngsi-ld:Camera:C-1";
  entity.types.push_back(names.Intern(model::ExpandCore("Camera")));
  std::string scratch;
  const auto set = [&](std::size_t at, const std::string& name, const json::Value& value) {
    if (entity.attributes.size() <= at) entity.attributes.resize(at + 1);
    entity.attributes[at].name = names.Intern(model::ExpandCore(name));
    SetInstance(entity.attributes[at], json::Object{{"type", "Property"}, {"value", value}}, {}, scratch);
  };
  set(0, "status", "ok");
  set(1, "fps", 15);

  Replica owner{ReplicaConfig{{"status"}, {}, {}, 1000}};
  const SharedView first = owner.See(entity);
  set(1, "fps", 20);
  const SharedView same = owner.See(entity);
  set(0, "status", "fault");
  const SharedView second = owner.See(entity);
  owner.Widen({"fps"});
  const SharedView wider = owner.See(entity);

  ASSERT_TRUE(first && second && wider);
  EXPECT_FALSE(same);
  EXPECT_EQ(first->entity.attributes["status"].AsString(), "ok");
  EXPECT_EQ(second->entity.attributes["status"].AsString(), "fault");
  EXPECT_TRUE(second->entity.attributes["fps"].IsNull());
  EXPECT_EQ(wider->entity.attributes["fps"].AsInt(), 20);
}

TEST_F(ReplicaTest, AViewThatIsPutReplacesWhatWasThere) {
  Put(PatchOp::kCreate, "urn:ngsi-ld:Camera:C-1", kCamera);
  auto view = std::make_shared<ReplicaView>();
  view->entity.id = "urn:ngsi-ld:Camera:C-1";
  view->entity.types = {"Bell"};

  EXPECT_TRUE(lone_.replica().Put(0, view));

  EXPECT_EQ(replica_.Find(0, "urn:ngsi-ld:Camera:C-1"), &view->entity);
  EXPECT_TRUE(replica_.Near(0, {35.8, 126.6}, 1000).empty());
  EXPECT_TRUE(replica_.Children(0, "refSwitch", "urn:ngsi-ld:NetworkSwitch:SW-1").empty());
  EXPECT_EQ(replica_.size(), 1U);
}

TEST_F(ReplicaTest, ForgetsWhatWasDeleted) {
  Put(PatchOp::kCreate, "urn:ngsi-ld:Camera:C-1", kCamera);

  Put(PatchOp::kDelete, "urn:ngsi-ld:Camera:C-1", "{}");

  EXPECT_EQ(replica_.Find(0, "urn:ngsi-ld:Camera:C-1"), nullptr);
  EXPECT_TRUE(replica_.Near(0, {35.8, 126.6}, 1000).empty());
  EXPECT_TRUE(replica_.Children(0, "urn:ngsi-ld:NetworkSwitch:SW-1").empty());
  EXPECT_EQ(replica_.size(), 0U);
}

}  // namespace
}  // namespace bongsu::context
