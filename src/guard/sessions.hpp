// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Who is signed in with a cookie. Sessions live in memory: a restart ends them. Shard 0 owns them; every shard holds a
/// copy, so that a request never leaves its shard to be known. Use is told to the owner at most every 30 s a session.
///
/// Lifetimes run by real time, also under a virtual clock: a person's hour is an hour.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/json.hpp"
#include "base/metrics.hpp"
#include "guard/crypto/crypto_port.hpp"
#include "runtime/shards.hpp"

namespace bongsu::guard {

struct SessionConfig {
  Duration idle = 2h;       ///< Ends after this long without a request.
  Duration absolute = 12h;  ///< Ends then whatever happens: a shift and its hand-over.
  std::size_t max_sessions = 10'000;
  std::size_t max_per_user = 20;  ///< One more ends the oldest of that user.
};

struct Session {
  std::string id;   ///< Name of the session; tells nothing about its secret.
  std::string key;  ///< SHA-256 of the secret in the cookie.
  std::uint16_t tenant = 0;
  std::string user;  ///< User id.
  std::string csrf;
  std::string address;     ///< Where it was opened from.
  std::string agent;       ///< User-Agent, at most 200 bytes.
  json::Value last_login;  ///< The sign-in before this one, as the contract shows it; null for none.
  TimePoint opened_at{};
  TimePoint last_used{};
};

class Sessions {
 public:
  static constexpr std::size_t kOwner = 0;
  static constexpr Duration kTouchEvery = 30s;

  /// @param real_clock  not the platform's virtual one
  Sessions(runtime::Shards& shards, const crypto::CryptoPort& crypto, const Clock& real_clock, SessionConfig config,
           Metrics& metrics);
  /// Begins to sweep out what has ended; once, before or after the shards start.
  void Start();

  struct Opened {
    std::string secret;  ///< Goes into the cookie and nowhere else.
    Session session;
  };
  /// Makes a session and every shard knows it before `done` runs on the owner. @errors kOverloaded session.too_many
  /// On the owner shard. @param fresh  id, tenant, user, address, agent and last_login of it
  Result<Opened> Open(Session fresh);
  /// Ends one session; from any shard.
  void End(const std::string& id);
  /// Ends every session of a user but `except`; from any shard.
  void EndOf(std::uint16_t tenant, const std::string& user, const std::string& except = {});
  /// Sessions of a tenant, newest first; on any shard, of its copy.
  std::vector<Session> Of(std::uint16_t tenant) const;

  /// The session of a cookie, on any shard; counts as use. nullptr for none or one that has ended.
  const Session* Find(std::string_view secret);
  /// True while session `id` goes on; on any shard.
  bool IsLive(const std::string& id) const;
  /// When the session ends if nobody uses it again (real time).
  TimePoint EndsAt(const Session& session) const {
    return std::min(session.last_used + config_.idle, session.opened_at + config_.absolute);
  }
  const SessionConfig& config() const { return config_; }

 private:
  struct Copy {
    std::unordered_map<std::string, Session> by_key;
    std::unordered_map<std::string, std::string> key_of_id;
  };
  Copy& Mine();
  const Copy& Mine() const;
  void OnEveryShard(const std::function<void(Copy&)>& change);
  void Erase(const std::vector<std::string>& keys);
  void Touch(const std::string& key, TimePoint now);
  void Sweep();

  runtime::Shards& shards_;
  const crypto::CryptoPort& crypto_;
  const Clock& clock_;
  SessionConfig config_;
  Gauge& live_;
  std::vector<Copy> copies_;
};

}  // namespace bongsu::guard
