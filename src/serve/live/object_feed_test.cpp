// SPDX-License-Identifier: Apache-2.0
#include "serve/live/object_feed.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "model/entity_patch.hpp"

namespace bongsu::live {
namespace {

template <class Number>
Number At(const std::string& bytes, std::size_t offset) {
  Number number{};
  std::memcpy(&number, bytes.data() + offset, sizeof number);
  return number;
}

class ObjectFeedTest : public testing::Test {
 protected:
  void Put(const std::string& id, double lon, double lat, const std::string& status, std::uint64_t seq) {
    model::EntityPatch patch{model::PatchOp::kUpsert, id,
                             json::Parse(fmt::format(R"({{"id":"{}","type":"{}Camera",
      "https://uri.etsi.org/ngsi-ld/location":{{"type":"GeoProperty","value":{{"type":"Point","coordinates":[{},{}]}}}},
      "https://uri.etsi.org/ngsi-ld/status":{{"type":"Property","value":"{}"}}}})",
                                                     id, model::kDefaultVocab, lon, lat, status))
                                 .value()};
    model::Record record = model::ToRecord(patch, 0, clock_.Now(), "test", 16);
    record.position.seq = seq;
    record.ingest_time = clock_.Now() + Duration{static_cast<std::int64_t>(seq)};
    replica_.Apply(record);
  }
  std::vector<std::string> Scan() {
    std::vector<std::string> frames;
    for (int i = 0; i < 10 && frames.empty(); ++i) frames = feed_->Tick();
    return frames;
  }

  ManualClock clock_{ParseTime("2026-11-22T00:00:00Z").value()};
  context::LoneReplica replica_{Kept()};
  static context::ReplicaConfig Kept() {
    context::ReplicaConfig config;
    config.attributes = {"status", "azimuth"};
    return config;
  }
  std::unique_ptr<ObjectFeed> feed_ = MakeReplicaFeed(replica_.replica(), clock_, 0);
  json::Value near_ =
      json::Parse(R"({"bbox":[126.60,35.80,126.62,35.82],"zoom":15,"layers":[],"maxObjects":1000})").value();
};

TEST_F(ObjectFeedTest, SendsADictionaryThenASnapshotOfTheView) {
  Put("urn:ngsi-ld:Camera:C-1", 126.61, 35.81, "ok", 1);
  Put("urn:ngsi-ld:Camera:far", 127.5, 36.5, "ok", 2);
  feed_->View(near_);

  const auto frames = Scan();

  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0][0], static_cast<char>(FrameType::kDictionary));
  EXPECT_NE(frames[0].find("C-1"), std::string::npos);
  EXPECT_EQ(frames[1][0], static_cast<char>(FrameType::kSnapshot));
  EXPECT_EQ(At<std::uint32_t>(frames[1], 16), 1U);
  EXPECT_EQ(At<std::int32_t>(frames[1], 28), MercatorX(126.61));
  EXPECT_EQ(frames[1].size(), 24U + 12U + 8U);
}

TEST_F(ObjectFeedTest, SendsOnlyWhatChangedAfterwards) {
  Put("urn:ngsi-ld:Camera:C-1", 126.61, 35.81, "ok", 1);
  Put("urn:ngsi-ld:Camera:C-2", 126.611, 35.811, "ok", 2);
  feed_->View(near_);
  Scan();

  EXPECT_TRUE(Scan().empty());
  Put("urn:ngsi-ld:Camera:C-2", 126.611, 35.811, "silent", 3);
  const auto frames = Scan();

  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0][0], static_cast<char>(FrameType::kDelta));
  EXPECT_EQ(At<std::uint32_t>(frames[0], 16), 1U);
  EXPECT_EQ(frames[0][36], static_cast<char>(ObjectState::kSilent));
}

TEST_F(ObjectFeedTest, GroupsIntoAGridFarOut) {
  Put("urn:ngsi-ld:Camera:C-1", 126.61, 35.81, "ok", 1);
  Put("urn:ngsi-ld:Camera:C-2", 126.6101, 35.8101, "fault", 2);
  near_.Set("zoom", 9);
  feed_->View(near_);

  const auto frames = Scan();

  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0][0], static_cast<char>(FrameType::kClusters));
  EXPECT_EQ(At<std::uint32_t>(frames[0], 16), 1U);
  EXPECT_EQ(frames[0][36], static_cast<char>(ObjectState::kFrozen));
  EXPECT_EQ(At<std::uint32_t>(frames[0], 44), 2U);
}

TEST(ObjectFrames, MercatorReachesFromEdgeToEdge) {
  EXPECT_EQ(MercatorX(180), 2147483647);
  EXPECT_EQ(MercatorX(-180), -2147483647);
  EXPECT_EQ(MercatorY(0), 0);
  EXPECT_EQ(MercatorY(90), -2147483647);
}

}  // namespace
}  // namespace bongsu::live
