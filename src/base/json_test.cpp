// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <gtest/gtest.h>

namespace bongsu::json {
namespace {

TEST(Json, ReadsBackWhatItWrote) {
  const std::string text = R"({"a":[1,2.5,-3,true,null],"b":{"한글":"<&>\"\\\n"},"c":1e+300})";
  EXPECT_EQ(ToString(Parse(text).value()), text);
}

TEST(Json, ReadsBackNumbersThatFitNoInteger) {
  for (const double number : {2.3456789012345678e19, -2.3456789012345678e19, 18446744073709551616.0, 9.3e18}) {
    std::string text;
    AppendNumber(text, number);

    const auto read = Parse(text);

    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->AsDouble(), number);
  }
}

TEST(Json, KeepsTheSignOfZero) {
  EXPECT_EQ(ToString(Parse("-0.0").value()), "-0.0");
  EXPECT_EQ(ToString(Parse("0.0").value()), "0");
}

TEST(Json, EscapesWhereverInATextItMust) {
  for (std::size_t size = 1; size < 20; ++size) {
    for (std::size_t at = 0; at < size; ++at) {
      for (const char c : {'"', '\\', '\x01', '\x1f', '\n', '!', '#', ' ', '\x7f'}) {
        std::string text(size, 'a');
        text[at] = c;
        EXPECT_EQ(Parse(ToString(Value{text})).value().AsString(), text);
      }
    }
  }
  EXPECT_EQ(ToString(Value{"한글 텍스트입니다"}), "\"한글 텍스트입니다\"");
}

TEST(Json, KeepsTheLastOfARepeatedName) { EXPECT_EQ(ToString(Parse(R"({"a":1,"a":2})").value()), R"({"a":2})"); }

TEST(Json, RefusesWhatIsNestedTooDeep) {
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  EXPECT_EQ(Parse(deep).error().reason, "json.bad");
}

TEST(Json, RefusesBrokenUtf8) { EXPECT_FALSE(Parse("\"\xff\"")); }

TEST(Json, FollowsAPointer) {
  const Value value = Parse(R"({"a":[{"b/c":{"~":5}}]})").value();

  ASSERT_NE(value.At("/a/0/b~1c/~0"), nullptr);
  EXPECT_EQ(value.At("/a/0/b~1c/~0")->AsInt(), 5);
  EXPECT_EQ(value.At("/a/1"), nullptr);
  EXPECT_EQ(value.At(""), &value);
}

TEST(Json, ComparesNumbersByValueAndMembersInAnyOrder) {
  EXPECT_EQ(Parse(R"({"x":1,"y":2})").value(), Parse(R"({"y":2.0,"x":1})").value());
  EXPECT_NE(Parse("1").value(), Parse("\"1\"").value());
}

TEST(Json, WriterPutsCommasWhereTheyBelong) {
  Writer writer;
  writer.Object().Key("a").Array().Int(1).Object().End().String("x").End().Key("b").Null().End();
  EXPECT_EQ(writer.text(), R"({"a":[1,{},"x"],"b":null})");
}

}  // namespace
}  // namespace bongsu::json
