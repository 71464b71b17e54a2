// SPDX-License-Identifier: Apache-2.0
#include "act/dispatch/channels/safety_net/codec.hpp"

#include <array>

namespace bongsu::dispatch::safety_net {
namespace {

struct StateCode {
  std::string_view kind;
  std::string_view code;
  std::string_view text;
};
// operation-centre.md 2.3; what is neither an answer nor an end is an event of ours.
constexpr std::array kStates{StateCode{"received", "30", "처리중"}, StateCode{"finished", "91", "종료"}};
constexpr StateCode kOccurred{"report", "10", "발생"};

const StateCode& StateOf(std::string_view kind) {
  for (const StateCode& state : kStates) {
    if (state.kind == kind) return state;
  }
  return kOccurred;
}

/// "ocrNbr", "ocr_nbr" and "OCRNBR" are one field: mappings differ in how they write the agency's names.
bool SameField(std::string_view a, std::string_view b) {
  const auto letters = [](std::string_view name) {
    std::string text;
    for (const char c : name) {
      if (c != '_') text += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    return text;
  };
  return letters(a) == letters(b);
}

/// A field of the agency's message as the gate kept it, as text.
std::string FieldOf(const Delivery& delivery, std::string_view name, std::string otherwise = {}) {
  if (!delivery.origin) return otherwise;
  for (const auto& [key, value] : delivery.origin->fields) {
    if (!value.IsNull() && SameField(key, name)) return json::ToPlainText(value);
  }
  return otherwise;
}

std::string Degrees(double degrees) { return fmt::format("{:.6f}", degrees); }

json::Value PlaceOf(const Delivery& delivery) {
  std::optional<model::Place> place = delivery.origin ? delivery.origin->place : std::nullopt;
  if (!place) place = model::PlaceFromJson(delivery.context["place"]);
  return json::Object{{"crdntX", FieldOf(delivery, "crdntX", place ? Degrees(place->point.lon_deg) : "")},
                      {"crdntY", FieldOf(delivery, "crdntY", place ? Degrees(place->point.lat_deg) : "")},
                      {"crdntZ", FieldOf(delivery, "crdntZ", "0")}};
}

std::string PlaceText(const Delivery& delivery) {
  const json::Value& place = delivery.context["place"];
  const std::string_view address = place["address"]["ko"].AsString();
  return std::string(address.empty() ? place["name"]["ko"].AsString() : address);
}

json::Value BodyOf(const Delivery& delivery) {
  const StateCode& state = StateOf(delivery.kind);
  const Peer& peer = delivery.peer;
  const std::string now = LocalDigits(delivery.at, peer.zone, false);
  const bool answers = delivery.origin && state.code != kOccurred.code;
  const std::string severity = delivery.context["severity"].AsInt(3) <= 2 ? "10" : "20";
  json::Value body;
  body.Set("startTag", "$DA");
  body.Set("evtId", answers ? FieldOf(delivery, "evtId", delivery.origin->type) : peer.report_evt_id);
  body.Set("evtNm", answers ? FieldOf(delivery, "evtNm") : std::string(delivery.context["title"]["ko"].AsString()));
  body.Set("evtGrad", answers ? FieldOf(delivery, "evtGrad", severity) : severity);
  body.Set("ocrNbr", answers ? FieldOf(delivery, "ocrNbr") : LocalDigits(delivery.at, peer.zone, true));
  body.Set("ocrSts", state.code);
  body.Set("ocrLc", PlaceOf(delivery));
  body.Set("ocrPlc", FieldOf(delivery, "ocrPlc", PlaceText(delivery)));
  body.Set("ocrEvtCn", delivery.text.ko);
  body.Set("ocrEvtTime",
           answers ? FieldOf(delivery, "ocrEvtTime", LocalDigits(delivery.origin->at, peer.zone, false)) : now);
  body.Set("ocrEvtStsTime", now);
  body.Set("ocrEvtEndTime", state.code == "91" ? now : std::string{});
  body.Set("ocrEvtSts", json::Object{{"ocrEvtStsCd", state.code}, {"ocrEvtStsDtl", state.text}});
  body.Set("ocrEvtStsUsr", json::Object{{"ocrEvtUsrId", peer.sys_cd}, {"ocrEvtUsrNm", "도시통합운영센터"}});
  body.Set("ocrEvtItemCnt", "0");
  body.Set("ocrEvtItem", json::Array{});
  body.Set("ocrEvtDtl", json::Object{{"ocrEvtDtlCd", FieldOf(delivery, "ocrEvtDtlCd")},
                                     {"ocrEvtDtlCdDtl", FieldOf(delivery, "ocrEvtDtlCdDtl")}});
  body.Set("endTag", "$DB");
  body.Set("finishTag", "$DF");
  return body;
}

/// {"result","message"} of an answer; null when it is none.
json::Value AnswerOf(const http::Response& response) {
  auto body = json::Parse(response.body);
  return body && body->IsObject() && (*body)["result"].IsString() ? std::move(*body) : json::Value{};
}

}  // namespace

std::string LocalDigits(TimePoint time, std::chrono::minutes zone, bool millis) {
  const auto local = time + zone;
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::milliseconds>(local - day)};
  std::string text = fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}", static_cast<int>(date.year()),
                                 static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                 clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (millis) text += fmt::format("{:03}", clock.subseconds().count());
  return text;
}

runtime::HttpCall EncodeAuth(const Peer& peer) {
  runtime::HttpCall call;
  call.url = peer.url + "/api/getAuth.json";
  call.body = json::ToString(json::Object{{"apiKey", peer.api_key}});
  return call;
}

Result<std::string> SessionOf(const Result<http::Response>& answer) {
  if (!answer) return tl::unexpected<Error>(answer.error());
  const json::Value body = AnswerOf(*answer);
  if (body.IsNull()) {
    return Fail(Code::kUnavailable, "safety_net.no_answer", "the AUTH step was answered with HTTP {}", answer->status);
  }
  if (body["result"].AsString() != "0" || body["message"].AsString().empty()) {
    return Fail(Code::kPermissionDenied, "safety_net.refused", "the agency refused our key");
  }
  return std::string(body["message"].AsString());
}

json::Value MessageOf(const Delivery& delivery) {
  const Peer& peer = delivery.peer;
  json::Value body = BodyOf(delivery);
  json::Value message;
  message.Set("svcTy", "EVENT");
  message.Set("hdCnt", "14");
  message.Set("dtCnt", "16");
  message.Set("apSeq", json::Object{{"apCurrent", "1"}, {"apTotal", "1"}});
  message.Set("cmnMtd", "1");
  message.Set("tranTy", "HTTP");
  message.Set("sendCd", peer.send_cd);
  message.Set("rcvCd", peer.rcv_cd);
  message.Set("encAt", "N");
  message.Set("rrKey", delivery.id);
  message.Set("reqDate", LocalDigits(delivery.at, peer.zone, false));
  message.Set("bodyLen", std::to_string(json::ToString(body).size()));
  message.Set("sysCd", peer.sys_cd);
  message.Set("tranSysHis", json::Array{peer.sys_cd});
  message.Set("callBack", json::Object{{"useYn", "N"}, {"targetUrl", ""}});
  message.Set("body", std::move(body));
  return message;
}

runtime::HttpCall EncodeEvent(const Delivery& delivery, std::string_view session) {
  const Peer& peer = delivery.peer;
  runtime::HttpCall call;
  call.url = peer.url + "/linkHttp/recvEvent.json";
  call.headers = {{"X-Scsns-svcTy", "EVENT"},     {"X-Scsns-sendCd", peer.send_cd},
                  {"X-Scsns-rcvCd", peer.rcv_cd}, {"X-Scsns-sysCd", peer.sys_cd},
                  {"X-Scsns-encAt", "N"},         {"X-Scsns-Secret", std::string(session)},
                  {"X-Scsns-type", "sync"},       {"Idempotency-Key", delivery.id}};
  call.body = json::ToString(MessageOf(delivery));
  return call;
}

Outcome OutcomeOf(const Result<http::Response>& answer, bool& expired) {
  using enum Outcome::What;
  expired = false;
  if (!answer) return {kUnknown, answer.error().message};
  const json::Value body = AnswerOf(*answer);
  if (body["result"].AsString() == "0") return {kDelivered, {}};
  if (body.IsNull()) return {kNotSent, fmt::format("the agency answered HTTP {} without a result", answer->status)};
  expired = true;  // the message of a refusal is free text: a stale session cannot be told from another reason
  return {kNotSent, fmt::format("the agency refused: {}", body["message"].AsString())};
}

}  // namespace bongsu::dispatch::safety_net
