// SPDX-License-Identifier: Apache-2.0
#include "guard/sessions.hpp"

#include <algorithm>

namespace bongsu::guard {
namespace {

constexpr std::chrono::milliseconds kSweepEvery = 30s;
constexpr std::size_t kMaxAgent = 200;

}  // namespace

Sessions::Sessions(runtime::Shards& shards, const crypto::CryptoPort& crypto, const Clock& real_clock,
                   SessionConfig config, Metrics& metrics)
    : shards_{shards},
      crypto_{crypto},
      clock_{real_clock},
      config_{config},
      live_{metrics.Gauge("bongsu_guard_sessions", "People signed in with a cookie.")},
      copies_(shards.size()) {}

void Sessions::Start() {
  shards_.After(kOwner, kSweepEvery, [this] {
    Sweep();
    Start();
  });
}

Sessions::Copy& Sessions::Mine() {
  const std::size_t here = shards_.Current();
  BONGSU_ASSERT(here < copies_.size());
  return copies_[here];
}

const Sessions::Copy& Sessions::Mine() const {
  const std::size_t here = shards_.Current();
  BONGSU_ASSERT(here < copies_.size());
  return copies_[here];
}

void Sessions::OnEveryShard(const std::function<void(Copy&)>& change) {
  const std::size_t here = shards_.Current();
  for (std::size_t shard = 0; shard < copies_.size(); ++shard) {
    if (shard == here) {
      change(copies_[shard]);
    } else {
      shards_.Post(shard, [this, shard, change] { change(copies_[shard]); });
    }
  }
}

Result<Sessions::Opened> Sessions::Open(Session fresh) {
  BONGSU_ASSERT(shards_.Current() == kOwner);
  Sweep();
  Copy& mine = Mine();
  if (mine.by_key.size() >= config_.max_sessions) {
    return Fail(Code::kOverloaded, "session.too_many",
                "{} people are signed in, the most there can be; end sessions or come again later",
                config_.max_sessions);
  }
  std::vector<const Session*> of_user;
  for (const auto& [key, session] : mine.by_key) {
    if (session.tenant == fresh.tenant && session.user == fresh.user) of_user.push_back(&session);
  }
  if (of_user.size() >= config_.max_per_user) {
    const auto oldest =
        std::ranges::min_element(of_user, {}, [](const Session* session) { return session->last_used; });
    Erase({(*oldest)->key});
  }
  fresh.agent.resize(std::min(fresh.agent.size(), kMaxAgent));
  Opened opened{crypto::MakeSecret(crypto_), std::move(fresh)};
  opened.session.key = crypto_.Hash(opened.secret);
  opened.session.csrf = crypto::MakeSecret(crypto_);
  opened.session.opened_at = opened.session.last_used = clock_.Now();
  OnEveryShard([session = opened.session](Copy& copy) {
    copy.key_of_id[session.id] = session.key;
    copy.by_key[session.key] = session;
  });
  live_.Set(static_cast<double>(mine.by_key.size()));
  return opened;
}

void Sessions::Erase(const std::vector<std::string>& keys) {
  if (keys.empty()) return;
  OnEveryShard([keys](Copy& copy) {
    for (const std::string& key : keys) {
      const auto found = copy.by_key.find(key);
      if (found == copy.by_key.end()) continue;
      copy.key_of_id.erase(found->second.id);
      copy.by_key.erase(found);
    }
  });
}

void Sessions::End(const std::string& id) {
  const Copy& mine = Mine();
  const auto found = mine.key_of_id.find(id);
  if (found != mine.key_of_id.end()) Erase({found->second});
}

void Sessions::EndOf(std::uint16_t tenant, const std::string& user, const std::string& except) {
  std::vector<std::string> keys;
  for (const auto& [key, session] : Mine().by_key) {
    if (session.tenant == tenant && session.user == user && session.id != except) keys.push_back(key);
  }
  Erase(keys);
}

std::vector<Session> Sessions::Of(std::uint16_t tenant) const {
  std::vector<Session> list;
  for (const auto& [key, session] : Mine().by_key) {
    if (session.tenant == tenant) list.push_back(session);
  }
  std::ranges::sort(list, std::ranges::greater{}, &Session::opened_at);
  return list;
}

const Session* Sessions::Find(std::string_view secret) {
  if (secret.empty()) return nullptr;
  Copy& mine = Mine();
  const auto found = mine.by_key.find(crypto_.Hash(secret));
  if (found == mine.by_key.end()) return nullptr;
  Session& session = found->second;
  const TimePoint now = clock_.Now();
  if (now >= EndsAt(session)) return nullptr;
  if (now - session.last_used >= kTouchEvery) Touch(session.key, now);
  return &session;
}

void Sessions::Touch(const std::string& key, TimePoint now) {
  OnEveryShard([key, now](Copy& copy) {
    const auto found = copy.by_key.find(key);
    if (found != copy.by_key.end()) found->second.last_used = std::max(found->second.last_used, now);
  });
}

bool Sessions::IsLive(const std::string& id) const {
  const Copy& mine = Mine();
  const auto key = mine.key_of_id.find(id);
  return key != mine.key_of_id.end() && clock_.Now() < EndsAt(mine.by_key.at(key->second));
}

void Sessions::Sweep() {
  std::vector<std::string> ended;
  const TimePoint now = clock_.Now();
  for (const auto& [key, session] : Mine().by_key) {
    if (now >= EndsAt(session)) ended.push_back(key);
  }
  Erase(ended);
  live_.Set(static_cast<double>(Mine().by_key.size()));
}

}  // namespace bongsu::guard
