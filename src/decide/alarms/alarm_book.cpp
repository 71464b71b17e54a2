// SPDX-License-Identifier: Apache-2.0
#include "decide/alarms/alarm_book.hpp"

#include <algorithm>
#include <tuple>

#include "decide/alarms/acts.hpp"
#include "decide/alarms/grouping.hpp"
#include "decide/alarms/intake.hpp"
#include "decide/alarms/undo.hpp"
#include "model/payload.hpp"

namespace bongsu::alarms {
namespace {

using model::AlarmId;
using model::IncidentId;

Change Same(const AlarmRow& row, std::string why) {
  return {.from = row.state, .to = row.state, .why = std::move(why), .text = {}, .by = {}};
}

/// Whether the child's act was made together with the parent's.
bool SameAct(const std::optional<Undo>& parent, const std::optional<Undo>& child) {
  return parent && child && child->act == parent->act && child->by == parent->by && child->at - parent->at <= 1s &&
         parent->at <= child->at;
}

Moment MomentOf(const desk::DeskBatch& batch) { return {batch.now(), batch.InPlatformTime(kUndoWithin)}; }

template <class Key, class Index>
void Drop(Index& index, const Key& key, AlarmId id) {
  const auto found = index.find(key);
  if (found == index.end()) return;
  found->second.erase(id);
  if (found->second.empty()) index.erase(found);
}

}  // namespace

// Reading.

const AlarmRow* AlarmBook::Find(AlarmId id) const {
  const auto found = rows_.find(id);
  return found == rows_.end() ? nullptr : &found->second;
}

std::vector<const AlarmRow*> AlarmBook::Rows(const Ids& ids) const {
  std::vector<const AlarmRow*> rows;
  rows.reserve(ids.size());
  for (const AlarmId id : ids) rows.push_back(Find(id));
  return rows;
}

const AlarmBook::Ids& AlarmBook::IdsOf(const std::map<std::string, Ids, std::less<>>& index, std::string_view name) {
  static const Ids kNone;
  const auto found = index.find(name);
  return found == index.end() ? kNone : found->second;
}

std::vector<const AlarmRow*> AlarmBook::Board() const {
  std::vector<const AlarmRow*> board;
  for (const auto& [rule, ids] : by_rule_) {
    for (const AlarmId id : ids) board.push_back(Find(id));
  }
  std::ranges::sort(board, [](const AlarmRow* a, const AlarmRow* b) {
    const auto order = [](const AlarmRow& row) {
      return std::tuple{row.severity, row.answered(), -ToMicros(row.raised_at), row.id};
    };
    return order(*a) < order(*b);
  });
  return board;
}

std::vector<const AlarmRow*> AlarmBook::Closed() const {
  std::vector<const AlarmRow*> rows;
  rows.reserve(closed_.size());
  for (auto item = closed_.rbegin(); item != closed_.rend(); ++item) rows.push_back(Find(item->second));
  return rows;
}

// Folding.

void AlarmBook::Clear() { *this = AlarmBook{}; }

void AlarmBook::Index(const AlarmRow& row) {
  if (row.parent) children_[*row.parent].insert(row.id);
  if (row.closed) {
    closed_.emplace(row.closed->at, row.id);
    return;
  }
  by_rule_[row.rule].insert(row.id);
  if (!row.entity.empty()) by_entity_[row.entity].insert(row.id);
  if (!row.parent_key.empty()) by_parent_key_[row.parent_key].insert(row.id);
  if (row.incident) by_incident_[*row.incident].insert(row.id);
  if (row.shelved) shelves_.emplace(row.shelved->until, row.id);
}

void AlarmBook::Unindex(const AlarmRow& row) {
  if (row.parent) Drop(children_, *row.parent, row.id);
  if (row.closed) {
    closed_.erase({row.closed->at, row.id});
    return;
  }
  Drop(by_rule_, row.rule, row.id);
  Drop(by_entity_, row.entity, row.id);
  Drop(by_parent_key_, row.parent_key, row.id);
  if (row.incident) Drop(by_incident_, *row.incident, row.id);
  if (row.shelved) shelves_.erase({row.shelved->until, row.id});
}

void AlarmBook::Evict() {
  while (closed_.size() > kMaxClosed) {
    const AlarmId oldest = closed_.begin()->second;
    Unindex(rows_.at(oldest));
    rows_.erase(oldest);
    ++evicted_;
  }
}

void AlarmBook::Fold(const model::Record& record) {
  if (record.kind != model::Kind::kAlarm) return;
  const auto payload = model::PayloadOf(record);
  if (!payload) return;  // a payload of a later schema; the reader of the journal counts it
  auto row = RowFromJson(*payload);
  if (!row) return;
  if (const auto before = rows_.find(row->id); before != rows_.end()) {
    Unindex(before->second);
    if (row->explanation.IsNull()) row->explanation = std::move(before->second.explanation);
  }
  Index(*row);
  // A child of a failed switch is held back by design: it burdens nobody.
  if ((*payload)["change"]["why"].AsString() == "raised" && !row->suppressed) {
    flood_.Raised(row->position, record.ingest_time);
  }
  const AlarmId id = row->id;
  rows_.insert_or_assign(id, std::move(*row));
  Evict();
}

void AlarmBook::Save(const PutRow& put) const {
  std::vector<AlarmId> ids;
  ids.reserve(rows_.size());
  for (const auto& [id, row] : rows_) ids.push_back(id);
  std::ranges::sort(ids);
  for (const AlarmId id : ids) {
    const AlarmRow& row = rows_.at(id);
    put(ToPayload(row, Same(row, {}), true));
  }
  put(json::ToString(json::Object{{"flood", flood_.Save()}, {"evicted", evicted_}}));
}

Result<void> AlarmBook::Load(const json::Value& saved) {
  if (const json::Value* flood = saved.Find("flood")) {
    flood_.Load(*flood);
    evicted_ = static_cast<std::uint64_t>(saved["evicted"].AsInt());
    return {};
  }
  BONGSU_TRY(AlarmRow row, RowFromJson(saved));
  Index(row);
  const AlarmId id = row.id;
  rows_.insert_or_assign(id, std::move(row));
  return {};
}

// Proposing.

void AlarmBook::Put(AlarmRow row, const Change& change, bool with_explanation, desk::DeskBatch& batch) {
  const auto children = children_.find(row.id);
  row.children = children == children_.end() ? 0 : static_cast<std::int64_t>(children->second.size());
  batch.Add(model::Kind::kAlarm, bongsu::ToText(row.id), ToPayload(row, change, with_explanation));
}

void AlarmBook::RefreshChildren(AlarmId id, desk::DeskBatch& batch) {
  if (const AlarmRow* row = Find(id)) Put(*row, Same(*row, "grouped"), false, batch);
}

/// The row that explains `row`: the oldest open alarm about the failed parent it names; nullptr when there is none.
const AlarmRow* AlarmBook::ParentFor(const AlarmRow& row) const {
  if (row.parent_key.empty() || row.parent_key == row.entity) return nullptr;
  const AlarmRow* parent = nullptr;
  for (const AlarmRow* other : Rows(IdsOf(by_entity_, row.parent_key))) {
    const bool usable = other->id != row.id && other->parent_key != row.entity && !other->parent;
    if (usable && (parent == nullptr || other->raised_at < parent->raised_at)) parent = other;
  }
  return parent;
}

void AlarmBook::OnFinding(const model::Finding& finding, desk::DeskBatch& batch) {
  const AlarmId id{model::AlarmIdOf(finding.tenant, finding.rule, finding.key)};
  auto taken = TakeIn(Find(id), finding, batch.now());
  if (!taken) return;
  if (!taken->raised) {
    // What got worse than the flood's row above it stands for itself; a failed parent still explains it.
    const auto above = taken->change.why == "escalated" && !taken->row.suppressed ? taken->row.parent : std::nullopt;
    if (above) taken->row.parent.reset();
    Put(std::move(taken->row), taken->change, true, batch);
    if (above) RefreshChildren(*above, batch);
    return;
  }
  AlarmRow& row = taken->row;
  const bool was_flood = flood_.At(row.position, batch.now());
  if (row.parent && (Find(*row.parent) == nullptr || !Find(*row.parent)->open())) row.parent.reset();
  if (!row.parent) {
    const AlarmRow* parent = ParentFor(row);
    row.suppressed = parent != nullptr;
    // What explains others stands for itself.
    const bool explains = by_parent_key_.contains(row.entity);
    if (parent == nullptr && was_flood && !explains) parent = LeaderFor(row, Rows(IdsOf(by_rule_, row.rule)));
    if (parent != nullptr) row.parent = parent->id;
  }
  const auto parent = row.parent;
  const std::string position = row.position;
  Put(std::move(row), taken->change, true, batch);
  if (parent) RefreshChildren(*parent, batch);
  Adopt(*Find(id), batch);
  if (!was_flood && flood_.At(position, batch.now())) GroupFlood(position, batch);
}

/// Puts the open alarms that name `parent`'s entity as their cause under it.
void AlarmBook::Adopt(const AlarmRow& parent, desk::DeskBatch& batch) {
  if (parent.parent || parent.entity.empty()) return;
  const AlarmId parent_id = parent.id;
  Ids grown;
  for (const AlarmId id : Ids{IdsOf(by_parent_key_, parent.entity)}) {
    AlarmRow child = *Find(id);
    if (child.id == parent_id || child.parent == parent_id || child.entity == parent.entity) continue;
    if (child.parent) grown.insert(*child.parent);
    child.parent = parent_id;
    child.suppressed = true;
    grown.insert(parent_id);
    const Change change = Same(child, "grouped");
    Put(std::move(child), change, false, batch);
  }
  for (const AlarmId id : grown) RefreshChildren(id, batch);
}

/// A flood began: what is on the board unanswered is grouped as if the flood had been there.
void AlarmBook::GroupFlood(const std::string& position, desk::DeskBatch& batch) {
  std::vector<AlarmId> waiting;
  for (const AlarmRow* row : Board()) {
    const bool recent = row->raised_at > batch.now() - Flood::kWindow;
    if (row->position == position && MayLead(*row) && recent && row->children == 0) waiting.push_back(row->id);
  }
  std::ranges::sort(waiting, {}, [&](AlarmId id) { return std::pair{Find(id)->raised_at, id}; });
  std::map<std::string, std::vector<AlarmId>> leaders;
  std::set<AlarmId> grown;
  for (const AlarmId id : waiting) {
    AlarmRow row = *Find(id);
    std::vector<AlarmId>& of_rule = leaders[row.rule];
    std::vector<const AlarmRow*> candidates;
    candidates.reserve(of_rule.size());
    for (const AlarmId leader : of_rule) candidates.push_back(Find(leader));
    const AlarmRow* leader = LeaderFor(row, candidates);
    if (leader == nullptr) {
      of_rule.push_back(id);
      continue;
    }
    row.parent = leader->id;
    grown.insert(leader->id);
    const Change change = Same(row, "grouped");
    Put(std::move(row), change, false, batch);
  }
  for (const AlarmId leader : grown) RefreshChildren(leader, batch);
}

Result<json::Value> AlarmBook::Do(const model::DeskAct& act, desk::DeskBatch& batch) {
  const auto hash = HashFromText(act.subject);
  const AlarmRow* found = hash ? Find(AlarmId{*hash}) : nullptr;
  if (found == nullptr) return Fail(Code::kNotFound, "alarm.unknown", "there is no alarm {}", act.subject);
  const AlarmRow before = *found;
  BONGSU_TRY(Acted acted, Act(before, act, MomentOf(batch)));
  if (!acted.changed) return ToJson(before);
  json::Value details = act.arguments.IsObject() ? act.arguments : json::Value{json::Object{}};
  details.Set("state", StateName(acted.row.state));
  Put(std::move(acted.row), acted.change, false, batch);
  batch.Audit("alarm." + act.verb, act.subject, details);
  DoToChildren(before, act, batch);
  return ToJson(*Find(before.id));
}

/// One row on screen is answered, closed or taken back as one: the same is done to the rows under it.
void AlarmBook::DoToChildren(const AlarmRow& parent_before, const model::DeskAct& act, desk::DeskBatch& batch) {
  const bool undo = act.verb == "undo";
  if (!undo && act.verb != "acknowledge" && act.verb != "close") return;
  const auto children = children_.find(parent_before.id);
  if (children == children_.end()) return;
  for (const AlarmId id : Ids{children->second}) {
    const AlarmRow before = *Find(id);
    if (undo && !SameAct(parent_before.undo, before.undo)) continue;
    if (!undo && !before.open()) continue;
    auto acted = Act(before, act, MomentOf(batch));
    if (!acted || !acted->changed) continue;  // somebody else's, or answered already
    Put(std::move(acted->row), acted->change, false, batch);
  }
}

// Following.

void AlarmBook::React(const model::Record& record, desk::DeskBatch& batch) {
  using enum model::Kind;
  if (record.kind != kAlarm && record.kind != kIncident && record.kind != kStep) return;
  const auto payload = model::PayloadOf(record);
  if (!payload) return;
  if (record.kind == kAlarm) {
    const auto id = HashFromText((*payload)["id"].AsString());
    const AlarmRow* row = id ? Find(AlarmId{*id}) : nullptr;
    if (row != nullptr) ReleaseFrom(*row, batch);
    return;
  }
  if (record.kind == model::Kind::kIncident) {
    FollowIncident(*payload, batch);
    return;
  }
  const auto incident = HashFromText((*payload)["incident"].AsString());
  const auto ids = incident ? by_incident_.find(IncidentId{*incident}) : by_incident_.end();
  if (ids == by_incident_.end()) return;
  for (const AlarmId id : Ids{ids->second}) {
    AlarmRow row = *Find(id);
    if (row.parent || row.procedure == (*payload)["progress"]) continue;
    row.procedure = (*payload)["progress"];
    const Change change = Same(row, "progress");
    Put(std::move(row), change, false, batch);
  }
}

/// An open alarm under a closed row would be seen by nobody: it stands for itself.
void AlarmBook::ReleaseFrom(const AlarmRow& row, desk::DeskBatch& batch) {
  const AlarmRow* above = row.open() && row.parent ? Find(*row.parent) : &row;
  if (above == nullptr || above->open()) return;
  const auto under = children_.find(above->id);
  if (under == children_.end()) return;
  const AlarmId above_id = above->id;
  bool released = false;
  for (const AlarmId id : Ids{under->second}) {
    AlarmRow child = *Find(id);
    if (!child.open()) continue;
    child.parent.reset();
    child.suppressed = false;
    const Change change = Same(child, "grouped");
    Put(std::move(child), change, false, batch);
    released = true;
  }
  if (released) RefreshChildren(above_id, batch);
}

void AlarmBook::FollowIncident(const json::Value& incident, desk::DeskBatch& batch) {
  const auto id = HashFromText(incident["id"].AsString());
  if (!id) return;
  const auto follow = [&](std::string_view text) {
    const auto alarm = HashFromText(text);
    const AlarmRow* row = alarm ? Find(AlarmId{*alarm}) : nullptr;
    if (row != nullptr && row->open()) FollowOne(*row, IncidentId{*id}, incident, batch);
  };
  const std::string_view why = incident["change"]["why"].AsString();
  if (why == "joined") {
    follow(incident["change"]["text"].AsString());
    return;
  }
  for (const json::Value& alarm : incident["alarms"].AsArray()) follow(alarm.AsString());
  if (why != "owned" && why != "released" && why != "reopened" && why != "closed") return;
  // In a storm an incident lists only the first of its alarms.
  const auto linked = by_incident_.find(IncidentId{*id});
  if (linked == by_incident_.end()) return;
  for (const AlarmId alarm : Ids{linked->second}) {
    if (Find(alarm)->open()) FollowOne(*Find(alarm), IncidentId{*id}, incident, batch);
  }
}

/// Takes link, owner, progress and end of `incident` over into an open row; nothing when it has them.
void AlarmBook::FollowOne(const AlarmRow& found, IncidentId id, const json::Value& incident, desk::DeskBatch& batch) {
  const auto owner = model::PersonFromJson(incident["owner"]);
  const auto closer = model::PersonFromJson(incident["change"]["by"]);
  const bool closes = incident["change"]["why"].AsString() == "closed" && closer;
  const json::Value& progress = found.parent ? found.procedure : incident["memory"]["progress"];
  if (found.incident == id && found.owner == owner && found.procedure == progress && !closes) return;
  AlarmRow row = found;
  Change change = Same(row, found.owner == owner ? "linked" : owner ? "owned" : "released");
  row.incident = id;
  row.owner = owner;
  row.procedure = progress;
  if (closes) {
    row = ClosedRow(row, {std::string(incident["disposition"].AsString()), std::string(incident["note"].AsString()),
                          *closer, batch.now()});
    change = {.from = found.state, .to = row.state, .why = "closed", .text = {}, .by = closer};
  }
  Put(std::move(row), change, false, batch);
}

TimePoint AlarmBook::NextDue() const { return shelves_.empty() ? kNever : shelves_.begin()->first; }

void AlarmBook::Tick(desk::DeskBatch& batch) {
  while (NextDue() <= batch.now()) {
    AlarmRow row = *Find(shelves_.begin()->second);
    row.shelved.reset();
    const Change change = Same(row, "shelf_ended");
    Put(std::move(row), change, false, batch);
  }
}

}  // namespace bongsu::alarms
