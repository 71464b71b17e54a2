// SPDX-License-Identifier: Apache-2.0
#pragma once

/// A line to one HTTP server that stays open between calls: one call at a time, so what is sent over it keeps its
/// order. A line that turns out to be closed when it is used again is opened once more before the call fails.

#include <functional>
#include <memory>

#include "runtime/http_client.hpp"

namespace bongsu::runtime {

/// How many lines of a shard may stay open while nothing is sent over them. Of one shard.
struct IdleLines {
  std::size_t open = 0;
  std::size_t most = 128;
};

class HttpLink {
 public:
  virtual ~HttpLink() = default;
  /// Makes `call` (its url names the same server as the link's); `done` runs once, on the shard. On the link's shard,
  /// and only after the `done` of the call before.
  /// @errors kInvalidArgument http.bad_url   kUnavailable http.no_answer
  virtual void Send(HttpCall call, std::function<void(Result<http::Response>)> done) = 0;
  /// Ends the line; a call that is under way fails.
  virtual void Close() = 0;
};

/// @param idle  outlives the link
std::shared_ptr<HttpLink> MakeHttpLink(Shards& shards, std::size_t shard, IdleLines& idle);

}  // namespace bongsu::runtime
