// SPDX-License-Identifier: Apache-2.0
// golden/messages.json is a list of {"bytes": text, "document": JSON} or {"bytes": text, "reason": error}.
#include "sense/connectors/@NAME@/codec.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace bongsu::@NAME@ {
namespace {

TEST(@TITLE@Codec, ReadsTheGoldenMessages) {
  std::ifstream file("src/sense/connectors/@NAME@/golden/messages.json", std::ios::binary);
  const auto messages = json::Parse(std::string{std::istreambuf_iterator<char>(file), {}});
  ASSERT_TRUE(messages) << messages.error().message;

  for (const json::Value& message : messages->AsArray()) {
    const auto document = Decode(message["bytes"].AsString());
    if (message["reason"].IsString()) {
      ASSERT_FALSE(document) << message["bytes"].AsString();
      EXPECT_EQ(document.error().reason, message["reason"].AsString());
    } else {
      ASSERT_TRUE(document) << document.error().message;
      EXPECT_EQ(json::ToString(*document), json::ToString(message["document"]));
    }
  }
}

}  // namespace
}  // namespace bongsu::@NAME@
