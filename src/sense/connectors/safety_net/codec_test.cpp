// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/safety_net/codec.hpp"

#include <gtest/gtest.h>

#include "runtime/http_message.hpp"
#include "sense/connectors/safety_net/session_key.hpp"

namespace bongsu::safety_net {
namespace {

constexpr std::string_view kBody =
    R"({"evtId":"112UC001","ocrNbr":"20261122100800001","ocrSts":"10","ocrLc":{"crdntX":"126.607190","crdntY":"35.808360","crdntZ":"0"},"ocrEvtItem":[{"key":"CODE_GRAD","val":"C0"}]})";

TEST(SafetyNet, ReadsJsonAndFormWithEitherSpellingOfBodyAsTheSameDocument) {
  const std::string small = fmt::format(
      R"({{"svcTy":"EVENT","sendCd":"P1","encAt":"N","apSeq":{{"apCurrent":"1","apTotal":"1"}},"body":{}}})", kBody);
  const std::string capital = fmt::format(
      R"({{"svcTy":"EVENT","sendCd":"P1","encAt":"N","apSeq":{{"apCurrent":"1","apTotal":"1"}},"Body":{}}})", kBody);
  const std::string form =
      fmt::format("svcTy=EVENT&sendCd=P1&encAt=N&apSeq={}&Body={}",
                  http::PercentEncode(R"({"apCurrent":"1","apTotal":"1"})"), http::PercentEncode(kBody));

  const auto a = DecodeEvent(small);
  const auto b = DecodeEvent(capital);
  const auto c = DecodeEvent(form);

  ASSERT_TRUE(a && b && c);
  EXPECT_EQ(*a, *b);
  EXPECT_EQ(*a, *c);
  EXPECT_EQ((*a)["items"]["CODE_GRAD"].AsString(), "C0");
  EXPECT_EQ((*a)["lon"].AsString(), "126.607190");
  EXPECT_EQ((*a)["body"]["evtId"].AsString(), "112UC001");
}

TEST(SafetyNet, RefusesWhatItCannotReadWithAReason) {
  const auto reason = [](std::string_view text) {
    const auto document = DecodeEvent(text);
    return document ? std::string("none") : document.error().reason;
  };
  EXPECT_EQ(reason(R"({"encAt":"Y","body":"AAAA"})"), "safety_net.encrypted");
  EXPECT_EQ(reason(R"({"apSeq":{"apTotal":"3"},"body":{}})"), "safety_net.in_parts");
  EXPECT_EQ(reason(R"({"svcTy":"EVENT"})"), "safety_net.no_body");
  EXPECT_EQ(reason("Body=%7Bnot"), "safety_net.bad_message");
  EXPECT_EQ(reason("{"), "json.bad");
}

TEST(SafetyNet, SignsInWithJsonOrForm) {
  EXPECT_EQ(*DecodeAuth(R"({"apiKey":"k 1"})"), "k 1");
  EXPECT_EQ(*DecodeAuth("apiKey=k%201"), "k 1");
  EXPECT_FALSE(DecodeAuth("{}"));
}

TEST(SafetyNet, ASessionKeyHoldsForItsSourceAndADay) {
  const TimePoint now = *ParseTime("2026-11-22T01:00:00Z");
  const std::string key = MakeSessionKey("secret", "112", now);

  EXPECT_TRUE(CheckSessionKey(key, "secret", "112", now + 23h));
  EXPECT_FALSE(CheckSessionKey(key, "secret", "112", now + 25h));
  EXPECT_FALSE(CheckSessionKey(key, "secret", "119", now));
  EXPECT_FALSE(CheckSessionKey(key, "other", "112", now));
  EXPECT_FALSE(CheckSessionKey("", "secret", "112", now));
  EXPECT_FALSE(CheckSessionKey("zz.00", "secret", "112", now));
}

}  // namespace
}  // namespace bongsu::safety_net
