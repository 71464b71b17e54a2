// SPDX-License-Identifier: Apache-2.0
#include "sense/connectors/safety_net/codec.hpp"

#include <array>

#include "runtime/http_message.hpp"
#include "sense/ingest/decode.hpp"

namespace bongsu::safety_net {
namespace {

bool LooksLikeJson(std::string_view bytes) {
  const std::size_t first = bytes.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return first != std::string_view::npos && bytes[first] == '{';
}

/// A form as a document; parts that are JSON text themselves are read.
Result<json::Value> ReadForm(std::string_view bytes) {
  BONGSU_TRY(const auto pairs, http::ParseQuery(bytes));
  json::Value document{json::Object{}};
  for (const auto& [name, text] : pairs) {
    constexpr std::array<std::string_view, 5> kInner{"Body", "body", "apSeq", "tranSysHis", "callBack"};
    const bool inner = std::ranges::find(kInner, name) != kInner.end();
    auto value = inner ? json::Parse(text) : Result<json::Value>{json::Value{text}};
    if (!value)
      return Fail(Code::kInvalidArgument, "safety_net.bad_message", "form field '{}' is no JSON: {}", name,
                  value.error().message);
    document.Set(name, *std::move(value));
  }
  return document;
}

Result<json::Value> ReadEither(std::string_view bytes) {
  if (!ingest::IsUtf8(bytes)) return Fail(Code::kInvalidArgument, "decode.not_utf8", "the message is no UTF-8 text");
  if (!LooksLikeJson(bytes)) return ReadForm(bytes);
  return json::Parse(bytes);
}

}  // namespace

Result<std::string> DecodeAuth(std::string_view bytes) {
  const auto document = ReadEither(bytes);
  const std::string_view key = document ? (*document)["apiKey"].AsString() : std::string_view{};
  if (key.empty()) return Fail(Code::kInvalidArgument, "safety_net.bad_auth", "the request has no apiKey");
  return std::string(key);
}

Result<json::Value> DecodeEvent(std::string_view bytes) {
  BONGSU_TRY(json::Value document, ReadEither(bytes));
  if (!document.IsObject()) return Fail(Code::kInvalidArgument, "safety_net.bad_message", "the message is no object");
  if (document["encAt"].AsString() == "Y") {
    return Fail(Code::kNotSupported, "safety_net.encrypted",
                "an encrypted body (encAt=Y) is not supported: send it over TLS with encAt=N");
  }
  const std::string total = json::ToPlainText(document["apSeq"]["apTotal"]);
  if (!total.empty() && total != "1" && total != "null") {
    return Fail(Code::kNotSupported, "safety_net.in_parts", "a message in {} parts is not supported", total);
  }
  if (const json::Value* const capital = document.Find("Body");
      capital != nullptr && document.Find("body") == nullptr) {
    json::Value body = *capital;
    document.Erase("Body");
    document.Set("body", std::move(body));
  }
  const json::Value* const body = document.Find("body");
  if (body == nullptr || !body->IsObject())
    return Fail(Code::kInvalidArgument, "safety_net.no_body", "the message has no body");
  json::Value items{json::Object{}};
  for (const json::Value& item : (*body)["ocrEvtItem"].AsArray()) {
    const std::string_view key = item["key"].AsString();
    if (!key.empty() && items.AsObject().size() < 100) items.Set(key, item["val"]);
  }
  const json::Value lon = (*body)["ocrLc"]["crdntX"];
  const json::Value lat = (*body)["ocrLc"]["crdntY"];
  document.Set("items", std::move(items));
  document.Set("lon", lon);
  document.Set("lat", lat);
  return document;
}

std::string EncodeAnswer(bool ok, std::string_view message) {
  json::Writer w;
  w.Object().Key("result").String(ok ? "0" : "1").Key("message").String(message).End();
  return w.Take();
}

}  // namespace bongsu::safety_net
