// SPDX-License-Identifier: Apache-2.0
#include "serve/api/query.hpp"

#include <gtest/gtest.h>

namespace bongsu::api {
namespace {

http::Request Asking(std::string name, std::string value) {
  http::Request request;
  request.query.emplace_back(std::move(name), std::move(value));
  return request;
}

TEST(AddressQuery, ReadsALimitInsideOfItsBounds) {
  EXPECT_EQ(LimitOf({}).value(), kPage);
  EXPECT_EQ(LimitOf(Asking("limit", "1")).value(), 1U);
  EXPECT_EQ(LimitOf(Asking("limit", "1000")).value(), 1000U);
  EXPECT_EQ(NumberOf(Asking("cursor", "18446744073709551615"), "cursor", 0, 0, UINT64_MAX).value(), UINT64_MAX);
}

TEST(AddressQuery, RefusesWhatIsNoSuchNumberAndSaysWhy) {
  for (const char* given : {"0", "1001", "x", "1x", "", "-1", " 1", "1.5", "99999999999999999999"}) {
    const auto limit = LimitOf(Asking("limit", given));
    ASSERT_FALSE(limit) << given;
    EXPECT_EQ(limit.error().reason, "http.bad_query");
    EXPECT_EQ(limit.error().message, fmt::format("limit is a whole number from 1 to 1000, not '{}'", given));
  }
  EXPECT_LT(LimitOf(Asking("limit", std::string(5000, '9'))).error().message.size(), 120U);
}

TEST(AddressQuery, ReadsABox) {
  const Box box = BoxOf(Asking("bbox", "126.5,37,127,37.5")).value();
  EXPECT_TRUE(box.Holds({37.2, 126.7}));
  EXPECT_FALSE(box.Holds({37.6, 126.7}));
  EXPECT_TRUE(BoxOf(Asking("bbox", "170,-10,-170,10")).value().Holds({0, 179}));
  EXPECT_FALSE(BoxOf(Asking("bbox", "170,-10,-170,10")).value().Holds({0, 0}));
  EXPECT_TRUE(BoxOf({}).value().Holds({-90, 180}));
  for (const char* given : {"", "1,2,3", "1,2,3,4,5", "1,2,3,x", "181,0,0,0", "0,91,0,0", "nan,0,0,0"})
    EXPECT_FALSE(BoxOf(Asking("bbox", given))) << given;
}

TEST(AddressQuery, APointHasBothOfItsNumbers) {
  http::Request request = Asking("lat", "37.5");
  EXPECT_NE(PointOf(request).error().message.find("lon is a number from -180 to 180, not ''"), std::string::npos);
  request.query.emplace_back("lon", "127");
  EXPECT_EQ(PointOf(request).value().lon_deg, 127);
}

}  // namespace
}  // namespace bongsu::api
