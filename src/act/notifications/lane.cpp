// SPDX-License-Identifier: Apache-2.0
#include "act/notifications/lane.hpp"

#include <algorithm>
#include <utility>

namespace bongsu::notifications {
namespace {

constexpr std::size_t kErrorBytes = 200;

}  // namespace

json::Value Statistics::ToJson() const {
  json::Value value{json::Object{{"timesSent", times_sent}, {"timesFailed", times_failed}}};
  const auto put = [&](std::string_view name, TimePoint time) {
    if (time != TimePoint{}) value.Set(name, FormatUtc(time));
  };
  put("lastNotification", last_notification);
  put("lastSuccess", last_success);
  put("lastFailure", last_failure);
  if (times_sent > 0 || gap) value.Set("status", gap ? "gap" : failed ? "failed" : "ok");
  return value;
}

Statistics Statistics::FromJson(const json::Value& value) {
  const auto time = [&](std::string_view name) { return ParseTime(value[name].AsString()).value_or(TimePoint{}); };
  Statistics out;
  out.times_sent = static_cast<std::uint64_t>(value["timesSent"].AsInt());
  out.times_failed = static_cast<std::uint64_t>(value["timesFailed"].AsInt());
  out.last_notification = time("lastNotification");
  out.last_success = time("lastSuccess");
  out.last_failure = time("lastFailure");
  out.gap = value["status"].AsString() == "gap";
  out.failed = value["status"].AsString() == "failed";
  return out;
}

Lane::Lane(LaneHouse& house, Endpoint endpoint, Duration throttling, Statistics statistics, Events events)
    : house_{house},
      endpoint_{std::move(endpoint)},
      throttling_{throttling},
      statistics_{statistics},
      events_{std::move(events)},
      gap_from_{statistics.gap ? statistics.last_notification : TimePoint{}},
      gap_to_{statistics.gap ? house.clock.Now() : TimePoint{}} {}

Lane::~Lane() { house_.bytes -= bytes_; }

bool Lane::Passes(const Message& message) {
  if (message.position.seq == 0 || throttling_ <= Duration{0}) return true;
  if (last_taken_ != TimePoint{} && message.at < last_taken_ + throttling_) return false;
  last_taken_ = message.at;
  return true;
}

std::size_t Lane::room() const {
  if (stopped_ || bytes_ >= house_.limits.window_bytes) return 0;
  // A shard that is full still lets every lane go on with a few.
  const std::size_t most = house_.bytes >= house_.limits.shard_bytes ? 4 : house_.limits.window;
  return waiting() >= most ? 0 : most - waiting();
}

bool Lane::Offer(Message message) {
  if (stopped_) return true;
  const auto missing = behind_.find(message.position.partition);
  if (missing != behind_.end() || room() == 0) {
    Miss(message.position, message.at);
    return false;
  }
  Queue(std::move(message));
  Next();
  return true;
}

std::uint64_t Lane::Expect(model::Position position, TimePoint at, std::size_t bytes) {
  if (stopped_) return 0;
  if (behind_.contains(position.partition) || room() == 0) {
    Miss(position, at);
    return 0;
  }
  Count(bytes);
  expected_.push_back({{position, at, {}}, ++tickets_, bytes, false});
  return tickets_;
}

void Lane::Written(std::uint64_t ticket, std::optional<std::string> body) {
  if (stopped_) return;
  const auto found = std::ranges::find(expected_, ticket, &Expected::ticket);
  if (found == expected_.end()) return;  // given up meanwhile
  found->ticket = 0;
  found->dropped = !body;
  if (body) found->message.body = std::move(*body);
  TakeWritten();
  Next();
  ReadOn();
}

/// Behind what is still to be written out, else into the window.
void Lane::Queue(Message message) {
  if (!expected_.empty()) {
    const std::size_t bytes = message.body.size();
    Count(bytes);
    expected_.push_back({std::move(message), 0, bytes, false});
  } else if (Passes(message)) {
    Push(std::move(message));
  }
}

void Lane::TakeWritten() {
  for (; !expected_.empty() && expected_.front().ticket == 0; expected_.pop_front()) {
    Expected& front = expected_.front();
    Uncount(front.bytes);
    if (!front.dropped && Passes(front.message)) Push(std::move(front.message));
  }
}

void Lane::Count(std::size_t bytes) {
  bytes_ += bytes;
  house_.bytes += bytes;
}

void Lane::Uncount(std::size_t bytes) {
  bytes_ -= bytes;
  house_.bytes -= bytes;
}

void Lane::Miss(model::Position position, TimePoint at) {
  if (stopped_ || position.seq == 0) return;  // told by time: the next time will do
  Behind& missing = behind_.try_emplace(position.partition, Behind{position.seq - 1, 0, at}).first->second;
  missing.last = std::max(missing.last, position.seq);
  CheckBound();
  ReadOn();
}

void Lane::Missed(std::uint16_t partition, Behind behind) {
  if (stopped_ || behind.last <= behind.handed) return;
  behind_[partition] = behind;
  CheckBound();
  ReadOn();
}

void Lane::CaughtUp(std::uint16_t partition, std::uint64_t handed, std::vector<Message> messages) {
  reading_ = false;
  if (stopped_) return;
  const auto missing = behind_.find(partition);
  if (missing == behind_.end()) return ReadOn();  // given up meanwhile
  missing->second.handed = std::max(missing->second.handed, handed);
  missing->second.since = TimePoint{};
  if (missing->second.handed >= missing->second.last) behind_.erase(missing);
  for (Message& message : messages) Queue(std::move(message));
  Next();
  ReadOn();
}

void Lane::GiveUp(std::uint16_t partition, std::string_view why) {
  (void)why;
  reading_ = false;
  const auto missing = behind_.find(partition);
  if (missing == behind_.end()) return ReadOn();
  const Behind given_up = missing->second;
  behind_.erase(missing);
  house_.given_up.Add(given_up.last - given_up.handed);
  Gap(given_up.since == TimePoint{} ? house_.clock.Now() : given_up.since);
  ReadOn();
}

void Lane::ReadOn() {
  if (reading_ || stopped_ || behind_.empty() || room() < house_.limits.window / 2) return;
  reading_ = true;
  events_.read_on(*this);
}

/// Ingest time of the oldest that is not delivered.
TimePoint Lane::Oldest() const {
  TimePoint oldest = house_.clock.Now();
  if (!window_.empty() && window_.front().position.seq != 0) oldest = std::min(oldest, window_.front().at);
  if (!expected_.empty()) oldest = std::min(oldest, expected_.front().message.at);
  for (const auto& [partition, missing] : behind_) {
    if (missing.since != TimePoint{}) oldest = std::min(oldest, missing.since);
  }
  return oldest;
}

/// Past the bound everything that is missing and that waits is given up: what comes next is now.
void Lane::CheckBound() {
  std::uint64_t records = 0;
  for (const auto& [partition, missing] : behind_) records += missing.last - missing.handed;
  const TimePoint oldest = Oldest();
  if (records <= house_.limits.behind_records && house_.clock.Now() - oldest <= house_.limits.behind_time) return;
  house_.given_up.Add(records);
  behind_.clear();
  for (const Expected& expected : expected_) Uncount(expected.bytes);
  expected_.clear();
  while (window_.size() > (sending_ ? 1U : 0U)) {
    Uncount(window_.back().body.size());
    window_.pop_back();
  }
  Gap(oldest);
}

void Lane::Gap(TimePoint from) {
  house_.gaps.Add();
  ++changes_;
  gap_from_ = gap_from_ == TimePoint{} ? from : std::min(gap_from_, from);
  gap_to_ = house_.clock.Now();
  if (!std::exchange(statistics_.gap, true)) events_.gap(*this);
}

void Lane::Push(Message message) {
  Count(message.body.size());
  window_.push_back(std::move(message));
}

void Lane::Pop() {
  Uncount(window_.front().body.size());
  window_.pop_front();
}

void Lane::Next() {
  if (sending_ || resting_ || stopped_ || window_.empty()) return;
  sending_ = true;
  if (!channel_) channel_ = house_.make_channel(endpoint_);
  std::string body = window_.front().body;
  gap_told_ = statistics_.gap ? gap_to_ : TimePoint{};
  if (statistics_.gap) {
    const json::Value gap{json::Object{{"from", FormatUtc(gap_from_)}, {"to", FormatUtc(gap_to_)}}};
    body.insert(1, "\"gap\":" + json::ToString(gap) + ",");
  }
  channel_->Send(std::move(body), [weak = weak_from_this(), round = ++round_](const Outcome& outcome) {
    const auto self = weak.lock();
    if (self && round == self->round_ && !self->stopped_) self->Finish(outcome);
  });
}

void Lane::Finish(const Outcome& outcome) {
  using enum Outcome::What;
  const TimePoint now = house_.clock.Now();
  sending_ = false;
  ++changes_;
  ++statistics_.times_sent;
  statistics_.last_notification = now;
  statistics_.failed = outcome.what != kDelivered;
  if (outcome.what == kDelivered) {
    statistics_.last_success = now;
    if (statistics_.gap && gap_told_ == gap_to_) {
      statistics_.gap = false;
      events_.gap(*this);
      gap_from_ = TimePoint{};
    }
    house_.sent.Add();
    if (window_.front().position.seq != 0)
      house_.seconds.Observe(std::chrono::duration<double>(now - window_.front().at).count() / house_.clock.scale());
  } else {
    statistics_.last_failure = now;
    last_error_ = outcome.error.substr(0, kErrorBytes);
    ++statistics_.times_failed;
    (outcome.what == kRefused ? house_.refused : house_.failed).Add();
  }
  if (outcome.what != kFailed || window_.front().position.seq == 0) Pop();
  if (outcome.what != kFailed) {
    pause_ = std::chrono::milliseconds{0};
    if (outcome.what == kRefused && endpoint_.cooldown.count() > 0) pause_ = endpoint_.cooldown;
  } else if (endpoint_.cooldown.count() > 0) {
    pause_ = endpoint_.cooldown;
  } else {
    pause_ = std::clamp(pause_ * 2, house_.limits.first_pause, house_.limits.longest_pause);
  }
  if (pause_.count() > 0) {
    resting_ = true;
    house_.after(pause_, [weak = weak_from_this(), round = round_] {
      const auto self = weak.lock();
      if (!self || round != self->round_) return;
      self->resting_ = false;
      self->Next();
    });
  }
  Next();
  ReadOn();
}

void Lane::set_endpoint(Endpoint endpoint, Duration throttling) {
  throttling_ = throttling;
  if (endpoint == endpoint_) return;
  endpoint_ = std::move(endpoint);
  ++round_;  // what the old one still answers does not count: it is said again to the new one
  channel_.reset();
  sending_ = false;
  resting_ = false;
  pause_ = std::chrono::milliseconds{0};
  Next();
}

void Lane::Restore(const Statistics& statistics) {
  if (statistics.times_sent < statistics_.times_sent) return;
  statistics_ = statistics;
  ++changes_;
  if (!statistics.gap) return;
  gap_from_ = statistics.last_notification;
  gap_to_ = house_.clock.Now();
}

void Lane::Stop() {
  stopped_ = true;
  ++round_;
  channel_.reset();
  house_.bytes -= std::exchange(bytes_, 0);
  window_.clear();
  expected_.clear();
  behind_.clear();
}

std::map<std::uint16_t, std::uint64_t> Lane::Cursor() const {
  std::map<std::uint16_t, std::uint64_t> cursor;
  for (const Message& message : window_) {
    if (message.position.seq != 0) cursor.try_emplace(message.position.partition, message.position.seq - 1);
  }
  for (const Expected& expected : expected_) {
    const auto& position = expected.message.position;
    if (position.seq != 0) cursor.try_emplace(position.partition, position.seq - 1);
  }
  for (const auto& [partition, missing] : behind_) cursor.try_emplace(partition, missing.handed);
  return cursor;
}

}  // namespace bongsu::notifications
