// SPDX-License-Identifier: Apache-2.0
#include "base/yaml.hpp"

#include <gtest/gtest.h>

namespace bongsu {
namespace {

TEST(Yaml, RefusesAStrayWordInsteadOfReadingOnForEver) {
  for (const std::string_view text : {",r", "a: 1\n---\n}", "]"}) {
    const auto read = yaml::ParseAll(text, "x.yaml");

    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().reason, "yaml.bad");
  }
}

TEST(Yaml, ReadsEveryDocumentOfAStream) {
  const auto read = yaml::ParseAll("a: 1\n---\nb: 2\n", "x.yaml");

  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ((*read)[1].Text("b"), "2");
  EXPECT_EQ((*read)[1].line, 3);
}

}  // namespace
}  // namespace bongsu
