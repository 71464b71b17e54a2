// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The alarm board of a tenant: findings and acts in, kAlarm records out.
///
///   finding ──▶ intake ─┐
///   act ──────▶ acts ───┼─▶ kAlarm (the whole row) ──▶ Fold: row in its place, indexes, rate
///   kIncident, kStep ───┘
///
/// Bounds: kMaxClosed closed rows are kept, the oldest leave first (counted); open rows are bounded by (rule, key).

#include <cstdint>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "decide/alarms/alarm_row.hpp"
#include "decide/alarms/flood.hpp"
#include "know/desk/port.hpp"

namespace bongsu::alarms {

class AlarmBook final : public desk::Book {
 public:
  static constexpr std::size_t kMaxClosed = 20'000;

  /// Takes a committed finding in. Idempotent: a (id, revision) that was taken before changes nothing.
  void OnFinding(const model::Finding& finding, desk::DeskBatch& batch);
  /// Carries an act of acts.hpp out, with its alarm's children. Answers the row.
  /// @errors kNotFound alarm.unknown, and those of acts.hpp
  Result<json::Value> Do(const model::DeskAct& act, desk::DeskBatch& batch);

  void Clear() override;
  void Fold(const model::Record& record) override;
  std::string_view name() const override { return "alarms"; }
  void Save(const PutRow& put) const override;
  Result<void> Load(const json::Value& row) override;
  /// Follows incidents (link, owner, closing) and procedures (progress); frees rows from under a closed one.
  void React(const model::Record& record, desk::DeskBatch& batch) override;
  TimePoint NextDue() const override;
  void Tick(desk::DeskBatch& batch) override;  ///< Shelves end.

  const AlarmRow* Find(model::AlarmId id) const;
  /// Open rows in board order: severity, unanswered first, newest first.
  std::vector<const AlarmRow*> Board() const;
  /// Closed rows, newest first.
  std::vector<const AlarmRow*> Closed() const;
  const Flood& flood() const { return flood_; }
  std::uint64_t evicted() const { return evicted_; }  ///< Closed rows that left memory.

 private:
  using Ids = std::set<model::AlarmId>;
  void Put(AlarmRow row, const Change& change, bool with_explanation, desk::DeskBatch& batch);
  void Index(const AlarmRow& row);
  void Unindex(const AlarmRow& row);
  void Evict();
  const AlarmRow* ParentFor(const AlarmRow& row) const;
  void Adopt(const AlarmRow& parent, desk::DeskBatch& batch);
  void GroupFlood(const std::string& position, desk::DeskBatch& batch);
  void RefreshChildren(model::AlarmId parent, desk::DeskBatch& batch);
  void DoToChildren(const AlarmRow& parent_before, const model::DeskAct& act, desk::DeskBatch& batch);
  void ReleaseFrom(const AlarmRow& row, desk::DeskBatch& batch);
  void FollowIncident(const json::Value& incident, desk::DeskBatch& batch);
  void FollowOne(const AlarmRow& found, model::IncidentId id, const json::Value& incident, desk::DeskBatch& batch);
  std::vector<const AlarmRow*> Rows(const Ids& ids) const;
  static const Ids& IdsOf(const std::map<std::string, Ids, std::less<>>& index, std::string_view name);

  std::unordered_map<model::AlarmId, AlarmRow> rows_;
  // Over open rows.
  std::map<std::string, Ids, std::less<>> by_entity_;
  std::map<std::string, Ids, std::less<>> by_parent_key_;
  std::map<std::string, Ids, std::less<>> by_rule_;
  std::map<model::AlarmId, Ids> children_;
  std::map<model::IncidentId, Ids> by_incident_;
  std::set<std::pair<TimePoint, model::AlarmId>> shelves_;
  std::set<std::pair<TimePoint, model::AlarmId>> closed_;
  Flood flood_;
  std::uint64_t evicted_ = 0;
};

}  // namespace bongsu::alarms
