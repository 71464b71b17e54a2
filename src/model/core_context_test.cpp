// SPDX-License-Identifier: Apache-2.0
#include "model/core_context.hpp"

#include <gtest/gtest.h>

namespace bongsu::model {
namespace {

TEST(CoreContext, GivesACoreTermItsOwnIriAndEverythingElseTheDefaultVocabulary) {
  EXPECT_EQ(ExpandCore("status"), "https://uri.etsi.org/ngsi-ld/status");
  EXPECT_EQ(ExpandCore("location"), "https://uri.etsi.org/ngsi-ld/location");
  EXPECT_EQ(ExpandCore("title"), "http://purl.org/dc/terms/title");
  EXPECT_EQ(ExpandCore("azimuth"), "https://uri.etsi.org/ngsi-ld/default-context/azimuth");
  EXPECT_EQ(ExpandCore("https://example.org/x"), "https://example.org/x");
}

TEST(CoreContext, CompactsOnlyToANameThatExpandsBack) {
  EXPECT_EQ(CompactCore("https://uri.etsi.org/ngsi-ld/status"), "status");
  EXPECT_EQ(CompactCore("https://uri.etsi.org/ngsi-ld/default-context/azimuth"), "azimuth");
  EXPECT_EQ(CompactCore("https://uri.etsi.org/ngsi-ld/default-context/status"),
            "https://uri.etsi.org/ngsi-ld/default-context/status");
  EXPECT_EQ(CompactCore("https://example.org/x"), "https://example.org/x");
}

}  // namespace
}  // namespace bongsu::model
