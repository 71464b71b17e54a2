// SPDX-License-Identifier: Apache-2.0
#include "act/dispatch/channels/safety_net/session.hpp"

#include <gtest/gtest.h>

#include "act/dispatch/channels/safety_net/codec.hpp"

namespace bongsu::dispatch::safety_net {
namespace {

using What = Outcome::What;

constexpr TimePoint kNoon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22} + 12h};

/// An agency that speaks the two steps; the AUTH of `key` gives sessions S1, S2, …
class Agency {
 public:
  SendHttp Http() {
    return [this](const runtime::HttpCall& call, const std::function<void(Result<http::Response>)>& done) {
      calls.push_back(call);
      const json::Value body = json::Parse(call.body).value_or(json::Value{});
      if (down) return done(Fail(Code::kUnavailable, "http.no_answer", "no answer"));
      if (call.url.ends_with("/api/getAuth.json")) {
        const bool known = body["apiKey"].AsString() == "key";
        session = known ? fmt::format("S{}", ++sessions) : "";
        return done(Answer(known ? "0" : "1", known ? session : "unknown key"));
      }
      if (http::HeaderOf(call.headers, "X-Scsns-Secret") != session) return done(Answer("1", "session"));
      if (refuse) return done(Answer("1", "format"));
      messages.push_back(body);
      done(Answer("0", "ok"));
    };
  }
  static Result<http::Response> Answer(std::string_view result, std::string_view message) {
    return http::JsonResponse(200, json::Value{json::Object{{"result", result}, {"message", message}}});
  }
  std::vector<runtime::HttpCall> calls;
  std::vector<json::Value> messages;
  std::string session;
  int sessions = 0;
  bool down = false;
  bool refuse = false;
};

Delivery Answering112(std::string kind) {
  Delivery delivery;
  delivery.id = "00000000000000000000000N01";
  delivery.peer.id = "112";
  delivery.peer.url = "http://agency/112";
  delivery.peer.api_key = "key";
  delivery.peer.send_cd = "B5299000000";
  delivery.peer.rcv_cd = "P5200000000";
  delivery.kind = std::move(kind);
  delivery.text = {"112 긴급영상 처리 중", ""};
  delivery.at = kNoon;
  model::Event event;
  event.source = "112";
  event.type = "112UC001";
  event.fields = {{"evtId", "112UC001"},
                  {"ocrNbr", "20261122100800001"},
                  {"evtGrad", "10"},
                  {"ocrEvtTime", "20261122100755"},
                  {"ocrPlc", "시장로 12"}};
  event.place = model::Place{};
  event.place->point = {35.80836, 126.60719};
  delivery.origin = event;
  return delivery;
}

Outcome SendTo(SafetyNet& channel, Delivery delivery) {
  Outcome outcome;
  channel.Send(std::move(delivery), [&](Outcome result) { outcome = std::move(result); });
  return outcome;
}

TEST(SafetyNet, SignsInThenAnswersWithTheAgencysOwnFields) {
  Agency agency;
  SafetyNet channel{agency.Http()};

  const Outcome outcome = SendTo(channel, Answering112("received"));

  EXPECT_EQ(outcome.what, What::kDelivered);
  ASSERT_EQ(agency.messages.size(), 1U);
  const json::Value& message = agency.messages[0];
  EXPECT_EQ(message["sendCd"].AsString(), "B5299000000");
  EXPECT_EQ(message["rcvCd"].AsString(), "P5200000000");
  EXPECT_EQ(message["body"]["evtId"].AsString(), "112UC001");
  EXPECT_EQ(message["body"]["ocrNbr"].AsString(), "20261122100800001");
  EXPECT_EQ(message["body"]["ocrSts"].AsString(), "30");
  EXPECT_EQ(message["body"]["ocrEvtStsTime"].AsString(), "20261122210000");
  EXPECT_EQ(message["body"]["ocrLc"]["crdntX"].AsString(), "126.607190");
  EXPECT_EQ(message["body"]["ocrEvtEndTime"].AsString(), "");
  EXPECT_EQ(message["bodyLen"].AsString(), std::to_string(json::ToString(message["body"]).size()));
  EXPECT_EQ(agency.calls[1].url, "http://agency/112/linkHttp/recvEvent.json");
}

TEST(SafetyNet, EndsAnEventWithItsEndTime) {
  Agency agency;
  SafetyNet channel{agency.Http()};

  (void)SendTo(channel, Answering112("finished"));

  EXPECT_EQ(agency.messages[0]["body"]["ocrSts"].AsString(), "91");
  EXPECT_EQ(agency.messages[0]["body"]["ocrEvtEndTime"].AsString(), "20261122210000");
}

TEST(SafetyNet, ReportsWhatNoAgencySentAsAnEventOfOurs) {
  Agency agency;
  SafetyNet channel{agency.Http()};
  Delivery delivery = Answering112("report");
  delivery.origin.reset();
  delivery.at = kNoon + 123ms;
  delivery.context = *json::Parse(
      R"({"title":{"ko":"비상벨"},"severity":2,"place":{"lat":35.8,"lon":126.6,"address":{"ko":"시장로 12"}}})");

  (void)SendTo(channel, delivery);

  const json::Value& body = agency.messages[0]["body"];
  EXPECT_EQ(body["ocrSts"].AsString(), "10");
  EXPECT_EQ(body["evtId"].AsString(), "MTSUC230");
  EXPECT_EQ(body["evtNm"].AsString(), "비상벨");
  EXPECT_EQ(body["evtGrad"].AsString(), "10");
  EXPECT_EQ(body["ocrNbr"].AsString(), "20261122210000123");
  EXPECT_EQ(body["ocrPlc"].AsString(), "시장로 12");
  EXPECT_EQ(body["ocrLc"]["crdntY"].AsString(), "35.800000");
}

TEST(SafetyNet, RepeatsTheSameMessageByteForByte) {
  Agency agency;
  SafetyNet channel{agency.Http()};

  (void)SendTo(channel, Answering112("received"));
  (void)SendTo(channel, Answering112("received"));

  ASSERT_EQ(agency.messages.size(), 2U);
  EXPECT_EQ(json::ToString(agency.messages[0]), json::ToString(agency.messages[1]));
  EXPECT_EQ(agency.sessions, 1);
}

TEST(SafetyNet, SignsInAgainOnceWhenTheSessionIsOld) {
  Agency agency;
  SafetyNet channel{agency.Http()};
  (void)SendTo(channel, Answering112("received"));
  agency.session = "another";

  const Outcome outcome = SendTo(channel, Answering112("finished"));

  EXPECT_EQ(outcome.what, What::kDelivered);
  EXPECT_EQ(agency.sessions, 2);
}

TEST(SafetyNet, TellsARefusalFromALinkThatIsDown) {
  Agency agency;
  SafetyNet channel{agency.Http()};

  agency.down = true;
  EXPECT_EQ(SendTo(channel, Answering112("received")).what, What::kNotSent);
  agency.down = false;
  agency.refuse = true;
  const Outcome refused = SendTo(channel, Answering112("received"));
  EXPECT_EQ(refused.what, What::kRefused);
  EXPECT_EQ(refused.error, "the agency refused: format");
  Delivery wrong_key = Answering112("received");
  wrong_key.peer.api_key = "wrong";
  EXPECT_EQ(SendTo(channel, wrong_key).what, What::kNotSent);
}

}  // namespace
}  // namespace bongsu::dispatch::safety_net
