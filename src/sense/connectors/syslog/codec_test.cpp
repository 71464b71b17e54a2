// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/syslog/codec.hpp"

#include <gtest/gtest.h>

namespace bongsu::syslog {
namespace {

using namespace std::string_literals;

const TimePoint kArrived = *ParseTime("2026-11-22T07:40:01Z");
const ingest::Zone kSeoul = *ingest::Zone::Load("Asia/Seoul");

std::string Doc(std::string_view bytes, TimePoint arrived = kArrived) {
  const auto document = Decode(bytes, arrived, kSeoul);
  return document ? json::ToString(*document) : document.error().reason;
}

TEST(Syslog, ReadsANewMessageWithStructuredData) {
  EXPECT_EQ(
      Doc(R"(<187>1 2026-11-22T16:40:00.123+09:00 CORE-1 swmgr - LINKDOWN [port@32473 ifName="ge-0/1/31" peer="SW-031" q="a\"b\]"] Interface ge-0/1/31 changed state to down)"),
      R"({"priority":187,"facility":23,"severity":3,"time":"2026-11-22T07:40:00.123Z","host":"CORE-1","app":"swmgr","msgid":"LINKDOWN",)"
      R"("sd":{"port@32473":{"ifName":"ge-0/1/31","peer":"SW-031","q":"a\"b]"}},"msg":"Interface ge-0/1/31 changed state to down"})");
}

TEST(Syslog, ReadsAnOldMessageAsKoreanLocalTimeOfTheNearestYear) {
  EXPECT_EQ(
      Doc("<134>Nov 22 10:00:00 VS-03 vmsd[812]: camera C-0123 reconnect ok\n"),
      R"({"priority":134,"facility":16,"severity":6,"time":"2026-11-22T01:00:00Z","host":"VS-03","app":"vmsd","pid":"812","msg":"camera C-0123 reconnect ok"})");
  EXPECT_NE(Doc("<134>Dec 31 23:59:59 h a: x", *ParseTime("2027-01-01T00:00:05Z")).find("2026-12-31T14:59:59Z"),
            std::string::npos);
  EXPECT_NE(Doc("<134>Feb 29 01:00:00 h a: x", *ParseTime("2028-03-01T00:00:05Z")).find("2028-02-28T16:00:00Z"),
            std::string::npos);
}

TEST(Syslog, KeepsATextWithoutAHeaderAsItsMessage) {
  EXPECT_EQ(Doc("<13>no header here"), R"({"priority":13,"facility":1,"severity":5,"msg":"no header here"})");
  EXPECT_EQ(
      Doc("Jun 14 15:16:01 combo sshd(pam_unix)[19939]: authentication failure; logname= uid=0",
          *ParseTime("2026-06-15T00:00:00Z")),
      R"x({"priority":13,"facility":1,"severity":5,"time":"2026-06-14T06:16:01Z","host":"combo","app":"sshd(pam_unix)","pid":"19939","msg":"authentication failure; logname= uid=0"})x");
}

TEST(Syslog, ReadsCefInsideOfAMessage) {
  const auto document = Decode(
      R"(<134>1 2026-11-22T10:00:00.000+09:00 FW-01 - - - - CEF:0|Haneul\|Networks|Gate|2.1|1020|Port scan|7|src=10.20.77.250 cnt=41 msg=scan of 41 hosts, a\=b act=deny cs1=CCTV cs1Label=zone)",
      kArrived, kSeoul);

  ASSERT_TRUE(document);
  EXPECT_EQ(
      json::ToString((*document)["cef"]),
      R"({"cef_version":"0","vendor":"Haneul|Networks","product":"Gate","version":"2.1","signature":"1020","name":"Port scan","severity":"7",)"
      R"("ext":{"src":"10.20.77.250","cnt":"41","msg":"scan of 41 hosts, a=b","act":"deny","cs1":"CCTV","cs1Label":"zone"}})");
}

TEST(Syslog, RefusesWhatIsBroken) {
  EXPECT_EQ(Doc("<999>x"), "syslog.bad_priority");
  EXPECT_EQ(Doc("<34>1 yesterday h a - - - x"), "syslog.bad_header");
  EXPECT_EQ(Doc(R"(<34>1 - h a - - [x y="z)"), "syslog.bad_data");
  EXPECT_EQ(Doc("\n"), "syslog.empty");
  EXPECT_EQ(Doc("<34>\xff\xfe"), "decode.not_utf8");
}

TEST(SyslogFramer, TellsOctetCountsAndLinesApartMessageByMessage) {
  Framer framer;
  std::vector<std::string> messages;
  const std::string stream =
      "7 <34>a\nb"
      "<34>line one\n"
      "5 <34>c\n"
      "<34>last"s;

  for (const char byte : stream) {
    framer.Feed({&byte, 1});
    for (;;) {
      const auto next = framer.Next();
      ASSERT_TRUE(next);
      if (!*next) break;
      messages.push_back(**next);
    }
  }
  const auto last = framer.Last();

  EXPECT_EQ(messages, (std::vector<std::string>{"<34>a\nb", "<34>line one", "<34>c"}));
  EXPECT_EQ(last, "<34>last");
}

TEST(SyslogFramer, EndsAStreamThatCannotGoOn) {
  Framer framer;
  framer.Feed("999999 <34>");
  EXPECT_EQ(framer.Next().error().reason, "syslog.too_large");
  Framer other;
  other.Feed("12x <34>aaaa");
  EXPECT_EQ(other.Next().error().reason, "syslog.bad_frame");
}

}  // namespace
}  // namespace bongsu::syslog
