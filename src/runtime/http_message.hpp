// SPDX-License-Identifier: Apache-2.0
#pragma once

/// HTTP as handlers see it: plain values, no server library. The server is runtime/http_server.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"

namespace bongsu::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// Value of `name` (any case); empty when absent.
std::string_view HeaderOf(const Headers& headers, std::string_view name);

struct Request {
  std::string method;                                      ///< Upper case.
  std::string path;                                        ///< Percent-encoded as it came, without the query.
  std::vector<std::string> segments;                       ///< Decoded path parts: /a/b%20c -> {"a","b c"}
  std::vector<std::pair<std::string, std::string>> query;  ///< Decoded, in order.
  std::string raw_query;
  Headers headers;
  std::string body;
  bool has_content_length = false;
  std::string peer;  ///< Address of the other end.

  std::string_view Header(std::string_view name) const { return HeaderOf(headers, name); }
  std::optional<std::string_view> Query(std::string_view name) const;
};

/// A body that is made while it is sent. The server asks for the next part when the socket has taken the one before,
/// so what is kept is one part, however slowly it is read; dropped when the other end goes away.
class BodyParts {
 public:
  virtual ~BodyParts() = default;
  /// Whole UTF-8 texts: nothing that is looked for in a body lies in two parts. An empty one ends the body; an error
  /// breaks the connection off, for the status is sent already.
  using Take = std::function<void(Result<std::string> part)>;
  /// Calls `take` once, on any shard. The next call comes after it.
  virtual void Next(Take take) = 0;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  std::string content_type = "application/json";  ///< Left out when the body is empty and the status is 204 or 415.
  std::shared_ptr<BodyParts> parts = nullptr;     ///< What follows `body`.
};

/// Called once, on any shard.
using Respond = std::function<void(Response)>;

Response JsonResponse(int status, std::string body);
Response JsonResponse(int status, const json::Value& body);
/// application/problem+json {type,title,status,detail,reason} of RFC 7807.
Response ProblemResponse(const Error& error);

/// Decodes %xx; '+' becomes a blank when `form`. @errors kInvalidArgument http.bad_escape
Result<std::string> PercentDecode(std::string_view text, bool form = false);
std::string PercentEncode(std::string_view text);
/// "a=1&b=x%20y". @errors kInvalidArgument http.bad_escape
Result<std::vector<std::pair<std::string, std::string>>> ParseQuery(std::string_view text);

}  // namespace bongsu::http
