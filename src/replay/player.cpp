// SPDX-License-Identifier: Apache-2.0
#include "replay/player.hpp"

#include <algorithm>

namespace bongsu::replay {
namespace {

constexpr std::chrono::milliseconds kFirstPause{200};
constexpr std::chrono::milliseconds kLongestPause{5'000};
constexpr int kMaxAttempts = 120;  // some ten minutes without a server
constexpr std::chrono::milliseconds kLongestWait{3'600'000};

}  // namespace

std::chrono::milliseconds ServerClock::Until(TimePoint at) const {
  const double real_ms = static_cast<double>((at - now).count()) / 1000.0 / scale;
  const auto due = seen + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                              std::chrono::duration<double, std::milli>(real_ms));
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(due - std::chrono::steady_clock::now());
  return std::clamp(left, std::chrono::milliseconds{0}, kLongestWait);
}

Player::Player(runtime::Shards& shards, const Target& target, Dataset set, TimePoint from, TimePoint until,
               TimePoint start)
    : shards_{shards}, target_{target}, set_{std::move(set)} {
  if (set_.one_by_one) chunk_limit_ = 1;
  tally_.file = set_.file;
  tally_.shift = std::chrono::floor<std::chrono::minutes>(start - from);  // files that know minutes only keep theirs
  for (const Row& row : set_.rows) {
    if (row.at >= from && row.at < until) rows_.push_back(&row);
  }
  tally_.rows_in = rows_.size();
}

void Player::Play(std::function<void()> done) {
  done_ = std::move(done);
  if (rows_.empty()) return done_();
  Prepare();
}

void Player::Next() {
  chunk_.clear();
  attempts_ = 0;
  while (position_ < rows_.size() && chunk_.size() < chunk_limit_ &&
         target_.clock.Until(rows_[position_]->at + tally_.shift) == std::chrono::milliseconds{0}) {
    chunk_.push_back(rows_[position_++]);
  }
  if (!chunk_.empty()) return Send();
  if (position_ == rows_.size()) return done_();
  shards_.After(0, target_.clock.Until(rows_[position_]->at + tally_.shift) + std::chrono::milliseconds{1},
                [self = shared_from_this()] { self->Next(); });
}

std::uint64_t Player::RepeatsInChunk() const {
  std::uint64_t repeats = 0;
  std::unordered_set<Hash128> here;
  for (const Row* const row : chunk_) {
    const Hash128 id = HashParts({row->identity});
    if (sent_.contains(id) || !here.insert(id).second) ++repeats;
  }
  return repeats;
}

void Player::Settle(Answer answer) {
  if (attempts_ > 0) {
    // What an earlier try brought in comes back as a repeat now: it was accepted, unless the file itself repeats it.
    const std::uint64_t repeats = RepeatsInChunk();
    const std::uint64_t earlier = answer.duplicate > repeats ? answer.duplicate - repeats : 0;
    answer.duplicate -= earlier;
    answer.accepted += earlier;
  }
  for (const Row* const row : chunk_) sent_.insert(HashParts({row->identity}));
  tally_.accepted += answer.accepted;
  tally_.refused += answer.refused;
  tally_.duplicate += answer.duplicate;
  tally_.quarantined += answer.quarantined;
  shards_.Post(0, [self = shared_from_this()] { self->Next(); });
}

void Player::Again(std::string_view why) {
  ++tally_.sent_again;
  if (++attempts_ > kMaxAttempts) return GiveUp(fmt::format("no answer after {} tries: {}", kMaxAttempts, why));
  const auto pause = std::min(kFirstPause * (1 << std::min(attempts_ - 1, 5)), kLongestPause);
  shards_.After(0, pause, [self = shared_from_this()] { self->chunk_.empty() ? self->Prepare() : self->Send(); });
}

void Player::GiveUp(std::string why) {
  tally_.error = std::move(why);
  fmt::print(stderr, "bongsu replay: {}: {}\n", set_.name, tally_.error);
  tally_.refused += chunk_.size() + (rows_.size() - position_);
  position_ = rows_.size();
  chunk_.clear();
  done_();
}

void Player::Http(runtime::HttpCall call, std::function<void(Result<http::Response>)> done) {
  Ask(target_.token(set_.tenant), std::move(call), std::move(done));
}

void Player::LookAtLink(std::function<void(Result<http::Response>)> done) {
  Ask(target_.watch_token(set_.tenant),
      {.method = "GET", .url = "/api/v1/connectors/" + set_.source, .headers = {}, .body = {}}, std::move(done));
}

void Player::Ask(std::string token, runtime::HttpCall call, std::function<void(Result<http::Response>)> done) {
  call.url = target_.server + call.url;
  call.headers.emplace_back("NGSILD-Tenant", set_.tenant);
  if (!token.empty()) call.headers.emplace_back("Authorization", "Bearer " + std::move(token));
  call.deadline = std::chrono::milliseconds{30'000};
  runtime::HttpSend(shards_, 0, std::move(call), std::move(done));
}

}  // namespace bongsu::replay
