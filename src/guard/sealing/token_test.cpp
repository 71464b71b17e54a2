// SPDX-License-Identifier: Apache-2.0
#include "guard/sealing/token.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace bongsu::sealing {
namespace {

const std::string kSurrogate = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

Token Whole() { return {DataClass::kContact, kSurrogate, 17, std::string("\x00\xff sealed", 9)}; }

TEST(SealToken, ReadsBackWherverItStands) {
  const std::string text = "call " + ToText(Whole()) + " or " + ToText(Whole());

  std::vector<Token> found;
  const std::string rest = ReplaceTokens(text, [&](const Token& token) {
    found.push_back(token);
    return "X";
  });

  EXPECT_EQ(rest, "call X or X");
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[1].sealed, Whole().sealed);
  EXPECT_EQ(found[1].key, 17U);
  EXPECT_EQ(found[1].surrogate, kSurrogate);
}

TEST(SealToken, NeedsNoEscapeInJson) {
  EXPECT_EQ(json::ToString(json::Value{ToText(Whole())}), '"' + ToText(Whole()) + '"');
}

TEST(SealToken, TheShortOneIsEqualForEqualValuesUnderDifferentKeys) {
  Token other = Whole();
  other.key = 99;
  other.sealed = "another";

  EXPECT_NE(ToText(Whole()), ToText(other));
  EXPECT_EQ(Shortened(ToText(Whole())), Shortened(ToText(other)));
  EXPECT_EQ(Shortened(Shortened(ToText(other))), Shortened(ToText(other)));
  const json::Value nested = json::Object{{"list", json::Array{ToText(other), 7}}};
  EXPECT_EQ(ShortenedValue(nested)["list"].AsArray().front().AsString(), Shortened(ToText(other)));
}

TEST(SealToken, IsMaskedByItsClass) {
  EXPECT_EQ(Masked("call " + ToText(Whole())), "call [sealed contact]");
  EXPECT_EQ(Masked("call " + Shortened(ToText(Whole()))), "call [sealed contact]");
  EXPECT_EQ(Masked("nothing"), "nothing");
}

TEST(SealToken, WhatOnlyLooksLikeOneStaysAsItIs) {
  for (const std::string& text :
       std::vector<std::string>{std::string("~seal."), std::string("~seal.~"), "~seal.king." + kSurrogate + "~",
                                "~seal.contact.short~", "~seal.contact." + kSurrogate + ".x.AAAA~",
                                "~seal.contact." + kSurrogate + ".0.AAAA~", "~seal.contact." + kSurrogate + ".1.~",
                                "~seal.contact." + kSurrogate + ".1.A!~", "~seal.contact." + kSurrogate + ".1.AAAA"}) {
    EXPECT_EQ(Masked(text), text);
  }
}

TEST(SealToken, MappingsCannotDeclareTheClassOfHeldMessages) {
  EXPECT_EQ(DeclaredClass("plate"), DataClass::kPlate);
  EXPECT_FALSE(DeclaredClass("message"));
  EXPECT_FALSE(DeclaredClass("king"));
}

}  // namespace
}  // namespace bongsu::sealing
