// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The way of one subscription's notifications out of the house: a cursor into the journal, not a queue.
///
///   match ──▶ Offer ──▶ window (bounded) ──▶ channel, one at a time ──▶ delivered: the cursor moves
///               │ full    Expect ─▶ Written ▲
///               └─▶ behind: (partition, from, to) ──▶ read again from the journal when there is room
///
/// What does not fit is not kept, only where it stands in the journal. A failed notification is said again, later and
/// later; nothing behind it overtakes it. Past the bound the lane gives up what it missed: status gap, and the next
/// notification says so. Lives on one shard; not thread-safe.

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "act/notifications/channel.hpp"
#include "base/json.hpp"
#include "base/metrics.hpp"
#include "model/record.hpp"

namespace bongsu::notifications {

/// One notification, ready to be sent.
struct Message {
  model::Position position;  ///< Of the record it tells; seq 0: told by time (timeInterval).
  TimePoint at{};            ///< Ingest time of that record.
  std::string body;          ///< {"id",…}: a whole JSON object.
};

struct LaneLimits {
  std::size_t window = 256;                      ///< Notifications in memory, by lane …
  std::size_t window_bytes = 4UL << 20U;         ///< … and their bytes,
  std::size_t shard_bytes = 128UL << 20U;        ///< and those of all lanes of a shard.
  std::uint64_t behind_records = 5'000'000;      ///< Journal records a lane may be behind …
  Duration behind_time = 24h;                    ///< … and platform time.
  std::chrono::milliseconds first_pause{1'000};  ///< After a failure; doubles up to
  std::chrono::milliseconds longest_pause{60'000};
};

/// What GET /subscriptions/{id} shows under `notification`; kept over a restart.
struct Statistics {
  std::uint64_t times_sent = 0;
  std::uint64_t times_failed = 0;
  TimePoint last_notification{};  ///< Epoch: never.
  TimePoint last_success{};
  TimePoint last_failure{};
  bool failed = false;  ///< The newest attempt did.
  bool gap = false;     ///< Something was given up since the last notification that was delivered.

  json::Value ToJson() const;
  static Statistics FromJson(const json::Value& value);
};

/// What the lanes of a shard share.
struct LaneHouse {
  std::function<void(std::chrono::milliseconds, std::function<void()>)> after;
  const Clock& clock;
  MakeChannel make_channel;
  LaneLimits limits;
  Counter& sent;
  Counter& failed;
  Counter& refused;
  Counter& gaps;
  Counter& given_up;      ///< Records passed over by gaps, at most.
  Histogram& seconds;     ///< From the record's ingest time to the receiver's yes, in real time.
  std::size_t bytes = 0;  ///< In all windows.
};

class Lane : public std::enable_shared_from_this<Lane> {
 public:
  /// Journal that was not offered in time.
  struct Behind {
    std::uint64_t handed = 0;  ///< Up to here everything was taken.
    std::uint64_t last = 0;    ///< Newest record that is missing.
    TimePoint since{};         ///< Ingest time of the oldest that is missing; epoch: not known.
  };

  struct Events {
    /// The lane has room and is behind: asked to read on and to call CaughtUp; not again before that.
    std::function<void(Lane&)> read_on;
    /// Its status became gap, or is no longer.
    std::function<void(const Lane&)> gap;
  };

  Lane(LaneHouse& house, Endpoint endpoint, Duration throttling, Statistics statistics, Events events);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  /// A match, in the order of its partition. False when it was not taken: the lane is behind from there on.
  bool Offer(Message message);
  /// A match that is still to be written out; nothing behind it overtakes it. @param bytes  what it holds meanwhile
  /// @return what to call Written with; 0: it was not taken, as with Offer
  std::uint64_t Expect(model::Position position, TimePoint at, std::size_t bytes);
  /// What was expected; nothing: it is not to be told after all.
  void Written(std::uint64_t ticket, std::optional<std::string> body);
  /// A match that nobody wrote out, because the lane was known to be behind.
  void Miss(model::Position position, TimePoint at);
  /// After a restart: what lies between is to be read again.
  void Missed(std::uint16_t partition, Behind behind);
  /// Answer to read_on: records of `partition` were looked at up to `handed`.
  void CaughtUp(std::uint16_t partition, std::uint64_t handed, std::vector<Message> messages);
  /// Could not be read: the journal no longer has it. The partition's rest is given up.
  void GiveUp(std::uint16_t partition, std::string_view why);

  void set_endpoint(Endpoint endpoint, Duration throttling);
  /// After a restart: counters newer than those it was made with.
  void Restore(const Statistics& statistics);
  /// Nothing is sent any more; a send under way is forgotten.
  void Stop();

  bool behind() const { return !behind_.empty(); }
  const std::map<std::uint16_t, Behind>& missing() const { return behind_; }
  std::size_t room() const;
  std::size_t waiting() const { return window_.size() + expected_.size(); }
  const Statistics& statistics() const { return statistics_; }
  /// Why the newest attempt that failed did, for people; empty: none did since the start.
  const std::string& last_error() const { return last_error_; }
  /// Of what was given up; while the status is gap.
  TimePoint gap_from() const { return gap_from_; }
  TimePoint gap_to() const { return gap_to_; }
  /// By partition, the newest seq up to which everything was delivered; only partitions with something undelivered.
  std::map<std::uint16_t, std::uint64_t> Cursor() const;
  /// Attempts and gaps since it was made: when it moves, there is something to be kept.
  std::uint64_t changes() const { return changes_; }

 private:
  /// In its place before the window: written out or not yet.
  struct Expected {
    Message message;
    std::uint64_t ticket = 0;  ///< 0: written out.
    std::size_t bytes = 0;
    bool dropped = false;
  };

  bool Passes(const Message& message);
  void Queue(Message message);
  void TakeWritten();
  void Count(std::size_t bytes);
  void Uncount(std::size_t bytes);
  TimePoint Oldest() const;
  void Push(Message message);
  void Pop();
  void Next();
  void Finish(const Outcome& outcome);
  void ReadOn();
  void CheckBound();
  void Gap(TimePoint from);

  LaneHouse& house_;
  Endpoint endpoint_;
  Duration throttling_;
  Statistics statistics_;
  std::string last_error_;
  Events events_;
  std::unique_ptr<Channel> channel_;
  std::list<Message> window_;      // oldest first; the first one is being sent when sending_
  std::deque<Expected> expected_;  // behind the window, in order
  std::uint64_t tickets_ = 0;
  std::size_t bytes_ = 0;
  std::map<std::uint16_t, Behind> behind_;
  TimePoint last_taken_{};  // for throttling
  TimePoint gap_from_{};
  TimePoint gap_to_{};
  TimePoint gap_told_{};  // gap_to_ of the gap that what is being sent tells; epoch: of none.
  std::chrono::milliseconds pause_{0};
  std::uint64_t round_ = 0;  // of sends; an answer of an older round is nobody's
  std::uint64_t changes_ = 0;
  bool sending_ = false;
  bool resting_ = false;
  bool reading_ = false;
  bool stopped_ = false;
};

}  // namespace bongsu::notifications
