// SPDX-License-Identifier: Apache-2.0
#include "base/config.hpp"

#include <gtest/gtest.h>

namespace bongsu {
namespace {

struct Inner {
  std::string url = "mqtt://127.0.0.1";
  Duration keep_alive = 30s;
  Secret<std::string> password;
};
struct Outer {
  std::int64_t shards = 2;
  bool open = false;
  std::vector<Inner> brokers;
};
template <class Visitor>
void Describe(Visitor& v, Inner& c) {
  v.Field("url", c.url, "Broker to connect to.");
  v.Field("keep_alive", c.keep_alive, "Silence after which the broker drops us.");
  v.Field("password", c.password, "Password; empty for none.");
}
template <class Visitor>
void Describe(Visitor& v, Outer& c) {
  v.Field("shards", c.shards, "Threads.");
  v.Field("open", c.open, "No sign-in.");
  v.Field("brokers", c.brokers, "Brokers.");
}

Result<Outer> LoadText(std::string_view text) {
  BONGSU_TRY(const yaml::Node node, yaml::Parse(text, "c.yaml"));
  Outer outer;
  BONGSU_CHECK(config::Load(node, "c.yaml", outer));
  return outer;
}

TEST(Config, FillsWhatTheFileSaysAndKeepsTheRest) {
  const auto config = LoadText("shards: 4\nbrokers:\n  - url: mqtt://a\n    keep_alive: 1m\n    password: s3cret\n");

  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->shards, 4);
  EXPECT_FALSE(config->open);
  EXPECT_EQ(config->brokers.at(0).keep_alive, 1min);
  EXPECT_EQ(config->brokers.at(0).password.Reveal(), "s3cret");
}

TEST(Config, NamesAnUnknownKeyWithLineAndColumn) {
  const auto config = LoadText("shards: 4\nbrokers:\n  - uri: mqtt://a\n");

  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().reason, "config.unknown_key");
  EXPECT_EQ(config.error().message, "c.yaml:3:5: unknown key 'uri'; there are: url, keep_alive, password");
}

TEST(Config, NamesABadValueWithLineAndColumn) {
  const auto config = LoadText("shards: many\n");

  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().message, "c.yaml:1:9: a whole number is expected, not 'many'");
}

TEST(Config, NeverPrintsASecret) {
  auto config = LoadText("brokers:\n  - password: s3cret\n").value();

  const std::string text = json::ToString(config::Redacted(config));

  EXPECT_EQ(text.find("s3cret"), std::string::npos);
  EXPECT_NE(text.find("***"), std::string::npos);
}

}  // namespace
}  // namespace bongsu
