// SPDX-License-Identifier: Apache-2.0
#include "serve/api/router.hpp"

#include <gtest/gtest.h>

namespace bongsu::api {
namespace {

const Handler kNothing = [](Call, http::Respond) {};

Router Sample() {
  return Router{{{"GET", "/api/v1/alarms", guard::Permission::kReadPicture, kNothing},
                 {"POST", "/api/v1/alarms/{id}/close", guard::Permission::kActOnAlarms, kNothing},
                 {"*", "/ngsi-ld/v1/**", guard::Permission::kReadContext, kNothing}}};
}

TEST(Router, FillsNamedPartsOfTheAddress) {
  const Router router = Sample();

  const auto found = router.Find("POST", {"api", "v1", "alarms", "01ABC", "close"});

  ASSERT_TRUE(found);
  EXPECT_EQ(found->params.at("id"), "01ABC");
}

TEST(Router, TakesATrailingSlashAsTheSameAddress) {
  const Router router = Sample();
  EXPECT_TRUE(router.Find("GET", {"api", "v1", "alarms", ""}));
}

TEST(Router, NamesTheMethodsAnAddressHas) {
  const Router router = Sample();

  const auto refused = router.Find("DELETE", {"api", "v1", "alarms"});

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "http.method_not_allowed");
  EXPECT_EQ(refused.error().message, "GET");
}

TEST(Router, GivesEverythingBelowARestPattern) {
  const Router router = Sample();
  EXPECT_TRUE(router.Find("PATCH", {"ngsi-ld", "v1", "entities", "urn:a:b", "attrs"}));
  EXPECT_FALSE(router.Find("GET", {"ngsi-ld", "v2"}));
}

TEST(Router, ListsWhatARestServesUnderTheRouteThatAnswersIt) {
  const Router router{{{"GET", "/ngsi-ld/v1/**", guard::Permission::kReadContext, kNothing},
                       {"*",
                        "/ngsi-ld/v1/**",
                        guard::Permission::kWriteContext,
                        kNothing,
                        {{"GET", "/ngsi-ld/v1/entities"}, {"POST", "/ngsi-ld/v1/entities"}}}}};

  const auto listed = router.List();

  ASSERT_EQ(listed.size(), 4U);
  EXPECT_EQ(listed[2].operation.method, "GET");
  EXPECT_EQ(listed[2].permission, guard::Permission::kReadContext);
  EXPECT_EQ(listed[3].permission, guard::Permission::kWriteContext);
}

TEST(Router, AnEmptyNameIsNoName) {
  const Router router = Sample();
  EXPECT_FALSE(router.Find("POST", {"api", "v1", "alarms", "", "close"}));
}

}  // namespace
}  // namespace bongsu::api
