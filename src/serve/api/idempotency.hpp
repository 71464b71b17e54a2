// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Idempotency-Key on any POST: the first answer is kept 24 h per tenant; a repeat gets it again with
/// `Idempotency-Replayed: true`, the same key with another request is 409, and a repeat of one that is still under way
/// waits for its answer. Answers of 429 and 5xx are not kept: trying again is right.
///
/// Lives on one shard; other shards post to it. Kept in memory: after a restart a repeat runs again, and what it would
/// double is caught by the message's own identity (ingest) or is seen on the desk.
///
/// Bounds: kMaxKept answers and kMaxBytes of bodies, the oldest leave first (counted); keys of at most kLongestKey
/// bytes.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/metrics.hpp"
#include "base/time.hpp"
#include "serve/api/router.hpp"

namespace bongsu::api {

class Idempotency : public std::enable_shared_from_this<Idempotency> {
 public:
  static constexpr auto kKeepFor = std::chrono::hours{24};
  static constexpr std::size_t kMaxKept = 100'000;
  static constexpr std::size_t kMaxBytes = 64UL << 20U;
  static constexpr std::size_t kMaxWaiting = 16;  ///< Repeats that wait for one answer; further ones get 409.
  static constexpr std::size_t kLongestKey = 255;

  /// Runs work on a shard.
  using Post = std::function<void(std::function<void()>)>;

  /// @param home  posts to the shard this lives on
  /// @param here  gives what posts to the shard it is called on
  Idempotency(const Clock& clock, Post home, std::function<Post()> here, Metrics& metrics);

  /// The same routes; a POST with a key goes through here first.
  Routes Wrap(Routes routes);

 private:
  struct Entry {
    std::uint64_t request = 0;  ///< Hash of method, path, query and body.
    bool done = false;
    http::Response response;
    TimePoint at{};
    std::vector<http::Respond> waiting;
  };
  using Key = std::pair<std::uint16_t, std::string>;  ///< tenant, key

  void Handle(Handler handler, Call call, http::Respond respond);
  /// True when the request is the first of its key and must run; else it is or will be answered.
  bool Admit(const Key& key, std::uint64_t request, const http::Respond& respond);
  void Finish(const Key& key, const http::Response& response);
  void Evict();
  static http::Response Replay(const http::Response& response);

  const Clock& clock_;
  Post home_;
  std::function<Post()> here_;
  Counter& replayed_;
  Counter& evicted_;
  std::map<Key, Entry> entries_;
  std::deque<std::pair<TimePoint, Key>> order_;  ///< Answered ones, oldest first.
  std::size_t bytes_ = 0;
};

}  // namespace bongsu::api
