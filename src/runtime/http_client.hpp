// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Speaks to other systems over HTTP/1.1: one request, one answer, one deadline.

#include <functional>
#include <string>

#include "runtime/http_message.hpp"
#include "runtime/shards.hpp"

namespace bongsu::runtime {

struct HttpCall {
  std::string method = "POST";
  std::string url;  ///< http://host[:port]/path?query or https://…
  http::Headers headers;
  std::string body;
  std::string content_type = "application/json";
  std::chrono::milliseconds deadline{10'000};  ///< For everything together.
  std::size_t max_answer_bytes = 4UL << 20U;
};

/// Makes `call` on `shard`'s thread; `done` runs there once.
/// @errors kInvalidArgument http.bad_url   kUnavailable http.no_answer (names the address and what failed)
void HttpSend(Shards& shards, std::size_t shard, HttpCall call, std::function<void(Result<http::Response>)> done);

}  // namespace bongsu::runtime
