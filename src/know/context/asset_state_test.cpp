// SPDX-License-Identifier: Apache-2.0
#include "know/context/asset_state.hpp"

#include <gtest/gtest.h>

namespace bongsu::context {
namespace {

ReplicaEntity Thing(std::string type, json::Value attributes) {
  ReplicaEntity entity;
  entity.type = std::move(type);
  entity.attributes = std::move(attributes);
  return entity;
}

TEST(AssetState, AWordNobodyKnowsHidesNoAsset) {
  EXPECT_EQ(AssetStateOf(Thing("StreetLight", json::Object{{"status", "ok"}})), "online");
  EXPECT_EQ(AssetStateOf(Thing("StreetLight", json::Object{{"status", "fault"}})), "faulty");
  EXPECT_EQ(AssetStateOf(Thing("StreetLight", json::Object{{"status", "offline"}})), "silent");
  EXPECT_EQ(AssetStateOf(Thing("StreetLight", json::Object{{"status", "purple"}})), "online");
  EXPECT_EQ(AssetStateOf(Thing("StreetLight", json::Object{})), "online");
}

TEST(AssetState, ACameraWithoutATrustworthyPictureIsFrozen) {
  EXPECT_EQ(AssetStateOf(Thing("Camera", json::Object{{"status", "fault"}})), "frozen");
  EXPECT_EQ(AssetStateOf(Thing("Camera", json::Object{{"status", "ok"}, {"streaming", false}})), "frozen");
  EXPECT_EQ(AssetStateOf(Thing("Camera", json::Object{{"status", "ok"}, {"streaming", true}})), "online");
}

TEST(AssetState, ACameraInMaintenanceIsNotCalledFrozen) {
  EXPECT_EQ(AssetStateOf(Thing("Camera", json::Object{{"status", "maintenance"}, {"streaming", false}})),
            "maintenance");
  EXPECT_EQ(AssetStateOf(Thing("Camera", json::Object{{"status", "silent"}, {"streaming", false}})), "silent");
}

}  // namespace
}  // namespace bongsu::context
