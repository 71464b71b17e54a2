// SPDX-License-Identifier: Apache-2.0
#include "app/options.hpp"

#include <gtest/gtest.h>

namespace bongsu::app {
namespace {

Result<ServeOptions> Parse(std::initializer_list<std::string> args) {
  const std::vector<std::string> list{args};
  return ParseServe(list);
}

TEST(ServeOptions, TakesTheKeysFolderBesideTheData) {
  const auto options = Parse({"--data", "/d", "--listen", "127.0.0.1:8080"});

  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->keys, "/d.keys");
  EXPECT_EQ(options->port, 8080);
}

TEST(ServeOptions, ReadsTheVirtualClock) {
  const auto options = Parse({"--data", "d", "--clock", "scale=60,epoch=2026-11-22T00:00:00Z"});

  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->clock->scale, 60);
  EXPECT_EQ(FormatUtc(options->clock->epoch), "2026-11-22T00:00:00Z");
}

TEST(ServeOptions, RefusesAnOpenServerOutsideLoopback) {
  EXPECT_EQ(Parse({"--data", "d", "--open", "--listen", "0.0.0.0:80"}).error().reason, "app.usage");
}

TEST(ServeOptions, NamesWhatItDoesNotKnow) {
  EXPECT_EQ(Parse({"--data", "d", "--prot", "1"}).error().message, "unknown option '--prot' (see bongsu serve --help)");
  EXPECT_EQ(Parse({"--data"}).error().message, "--data needs a value (see bongsu serve --help)");
  EXPECT_FALSE(Parse({"--data", "d", "--listen", "127.0.0.1:99999"}));
  EXPECT_FALSE(Parse({"--data", "d", "--clock", "scale=0,epoch=2026-11-22T00:00:00Z"}));
  EXPECT_FALSE(Parse({"--data", "d", "--config", "/nowhere.yaml"}));
}

}  // namespace
}  // namespace bongsu::app
