// SPDX-License-Identifier: Apache-2.0
#include "serve/api/body.hpp"

namespace bongsu::api {

Result<json::Value> ObjectOf(const http::Request& request) {
  if (request.body.empty()) return json::Value{json::Object{}};
  auto body = json::Parse(request.body);
  if (!body) return Fail(Code::kInvalidArgument, "http.bad_body", "{}", body.error().message);
  if (!body->IsObject()) return Fail(Code::kInvalidArgument, "http.bad_body", "the body must be a JSON object");
  return body;
}

Result<std::optional<std::string>> OptionalTextOf(const json::Value& body, std::string_view name,
                                                  std::size_t max_bytes) {
  const json::Value* member = body.Find(name);
  if (member == nullptr || member->IsNull()) return std::optional<std::string>{};
  if (!member->IsString()) return Fail(Code::kInvalidArgument, "http.bad_member", "'{}' must be a text", name);
  if (member->AsString().size() > max_bytes) {
    return Fail(Code::kInvalidArgument, "http.bad_member", "'{}' has {} bytes, at most {} are allowed", name,
                member->AsString().size(), max_bytes);
  }
  return std::optional<std::string>{member->AsString()};
}

Result<std::string> TextOf(const json::Value& body, std::string_view name, std::size_t max_bytes) {
  BONGSU_TRY(auto text, OptionalTextOf(body, name, max_bytes));
  if (!text) return Fail(Code::kInvalidArgument, "http.bad_member", "'{}' is missing", name);
  return std::move(*text);
}

}  // namespace bongsu::api
