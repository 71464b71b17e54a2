// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The outbox's memory (architecture D18): intents, attempts and results of a tenant's notices. It decides what is to
/// be sent and when again; the Outbox carries it out once the decision is on disk.
///
///   Do(send), an answered alarm ──▶ intended ──effect──▶ delivered | failed | needs_answer
///                                     ▲   └─ not sent: next_at ─┐
///                                     └──────── retry ◀── Tick ─┘
///
/// Bounds: kMaxSettled settled notices are kept, the oldest leave first; at most kMaxPending wait.

#include <functional>
#include <map>
#include <set>

#include "act/dispatch/channel.hpp"
#include "act/dispatch/notice.hpp"
#include "know/desk/port.hpp"

namespace bongsu::dispatch {

/// Subject of the kConfig records that hold and release the outbox.
inline constexpr std::string_view kOutboxSubject = "outbox";

class OutboxBook final : public desk::Book {
 public:
  static constexpr std::size_t kMaxSettled = 20'000;
  static constexpr std::size_t kMaxPending = 10'000;
  static constexpr std::int64_t kMaxAttempts = 8;  ///< 5 s, 10 s, … 10 min of real time apart: about 21 min in all.

  /// @param held  begin with the outbox held: what is intended waits until Release
  OutboxBook(Peers peers, bool held = false) : peers_{std::move(peers)}, held_at_first_{held}, held_{held} {}

  /// @param act  verb send {incident, peer, kind, channel?, text?, step?} (no subject) | answer {answer:
  /// was_sent|send_again|drop}
  /// @errors kNotFound notice.unknown, notice.no_peer, incident.unknown · kConflict notice.no_channel,
  /// notice.no_question
  ///         kInvalidArgument notice.kind, notice.text, notice.answer · kOverloaded notice.too_many
  Result<json::Value> Do(const model::DeskAct& act, desk::DeskBatch& batch);
  /// What came of an attempt. Nothing when the notice is no longer waiting for it.
  void OnOutcome(model::NoticeId id, const Outcome& outcome, ChannelKind kind, desk::DeskBatch& batch);
  /// After a start: attempts whose outcome was never recorded. Repeatable ones are tried again, ask ones are asked
  /// about.
  void Recover(const std::function<ChannelKind(std::string_view channel)>& kind_of, desk::DeskBatch& batch);
  /// Holds the outbox until Release, over restarts too. What was on its way may have gone out already: repeatable ones
  /// wait, ask ones are asked about.
  /// @param why  "restored from a backup", for the record and the notices
  void Hold(const std::function<ChannelKind(std::string_view channel)>& kind_of, std::string_view why,
            desk::DeskBatch& batch);
  /// Lets a held outbox go. @returns {"released": n}
  json::Value Release(desk::DeskBatch& batch);

  void Clear() override;
  void Fold(const model::Record& record) override;
  std::string_view name() const override { return "outbox"; }
  void Save(const PutRow& put) const override;
  Result<void> Load(const json::Value& row) override;
  /// Answers an agency whose alarm was acknowledged (received) or closed (finished).
  void React(const model::Record& record, desk::DeskBatch& batch) override;
  TimePoint NextDue() const override;
  void Tick(desk::DeskBatch& batch) override;

  const Notice* Find(model::NoticeId id) const;
  /// Newest first.
  std::vector<const Notice*> List() const;
  const Peers& peers() const { return peers_; }
  bool held() const { return held_; }
  std::size_t waiting() const { return pending_.size(); }  ///< Notices that are not settled.

 private:
  Result<json::Value> Send(const model::DeskAct& act, desk::DeskBatch& batch);
  Result<json::Value> Answer(const model::DeskAct& act, desk::DeskBatch& batch);
  void Intend(Notice notice, const std::optional<model::Person>& by, desk::DeskBatch& batch);
  void AddResult(const Notice& notice, std::string_view why, const std::optional<model::Person>& by,
                 desk::DeskBatch& batch);
  void Settle(Notice notice, const Outcome& outcome, ChannelKind kind, desk::DeskBatch& batch);
  void Unindex(const Notice& notice);
  void Keep(Notice notice);
  const Peer* AgencyOf(const json::Value& alarm) const;

  Peers peers_;
  bool held_at_first_;
  bool held_;  ///< Folded from the kConfig records about the outbox.
  std::map<model::NoticeId, Notice> notices_;
  std::set<std::pair<TimePoint, model::NoticeId>> by_time_;
  std::set<model::NoticeId> pending_;
  std::set<std::pair<TimePoint, model::NoticeId>> due_;
  std::map<std::string, json::Value, std::less<>> incidents_;  ///< Open incidents: {title,severity,place,drill}.
};

}  // namespace bongsu::dispatch
