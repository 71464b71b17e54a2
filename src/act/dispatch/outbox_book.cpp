// SPDX-License-Identifier: Apache-2.0
#include "act/dispatch/outbox_book.hpp"

#include <algorithm>
#include <charconv>

#include "model/payload.hpp"

namespace bongsu::dispatch {
namespace {

using model::NoticeId;

constexpr std::size_t kLongestText = 8'000;            // bytes: 2,000 characters of UTF-8
constexpr auto kFirstDelay = std::chrono::seconds{5};
constexpr auto kLongestDelay = std::chrono::minutes{10};

Duration DelayAfter(std::int64_t attempts) {
  Duration delay = kFirstDelay;
  for (std::int64_t i = 1; i < attempts && delay < kLongestDelay; ++i) delay *= 2;
  return std::min<Duration>(delay, kLongestDelay);
}

bool IsSettled(State state) { return state == State::kSent || state == State::kDelivered || state == State::kFailed; }

std::vector<model::Position> EventsOf(const json::Value& alarm) {
  std::vector<model::Position> events;
  for (const json::Value& item : alarm["memory"]["events"].AsArray()) {
    const std::string_view text = item.AsString();
    const char* const begin = std::to_address(text.begin());
    const char* const end = std::to_address(text.end());
    model::Position position;
    const char* const slash = std::from_chars(begin, end, position.partition).ptr;
    if (slash != end) std::from_chars(slash + 1, end, position.seq);
    events.push_back(position);
  }
  return events;
}

json::Value ContextOf(const json::Value& row) {
  return json::Object{
      {"title", row["title"]}, {"severity", row["severity"]}, {"place", row["place"]}, {"drill", row["drill"]}};
}

}  // namespace

// Reading and folding.

const Notice* OutboxBook::Find(NoticeId id) const {
  const auto found = notices_.find(id);
  return found == notices_.end() ? nullptr : &found->second;
}

std::vector<const Notice*> OutboxBook::List() const {
  std::vector<const Notice*> list;
  list.reserve(by_time_.size());
  for (auto item = by_time_.rbegin(); item != by_time_.rend(); ++item) list.push_back(Find(item->second));
  return list;
}

void OutboxBook::Clear() {
  notices_.clear();
  by_time_.clear();
  pending_.clear();
  due_.clear();
  incidents_.clear();
  held_ = held_at_first_;
}

void OutboxBook::Unindex(const Notice& notice) {
  by_time_.erase({notice.at, notice.id});
  pending_.erase(notice.id);
  if (notice.next_at) due_.erase({*notice.next_at, notice.id});
}

void OutboxBook::Fold(const model::Record& record) {
  using enum model::Kind;
  const bool about_outbox = record.kind == kConfig && record.subject == kOutboxSubject;
  if (record.kind != kNotice && record.kind != kNoticeResult && record.kind != kIncident && !about_outbox) return;
  const auto payload = model::PayloadOf(record);
  if (!payload) return;
  if (about_outbox) {
    held_ = (*payload)["held"].AsBool();
    return;
  }
  if (record.kind == kIncident) {
    const std::string id{(*payload)["id"].AsString()};
    if ((*payload)["state"].AsString() == "closed") {
      incidents_.erase(id);
    } else {
      incidents_[id] = ContextOf(*payload);
    }
    return;
  }
  auto notice = NoticeFromJson(*payload);
  if (notice) Keep(std::move(*notice));
}

void OutboxBook::Keep(Notice notice) {
  const NoticeId id = notice.id;
  if (const auto before = notices_.find(id); before != notices_.end()) Unindex(before->second);
  by_time_.emplace(notice.at, id);
  if (!IsSettled(notice.state)) pending_.insert(id);
  if (const auto& next = notice.next_at; notice.pending() && next) due_.emplace(*next, id);
  notices_.insert_or_assign(id, std::move(notice));
  if (notices_.size() <= kMaxSettled + kMaxPending) return;
  const auto oldest = std::ranges::find_if(by_time_, [&](const auto& item) { return !pending_.contains(item.second); });
  if (oldest == by_time_.end()) return;
  const NoticeId gone = oldest->second;
  Unindex(notices_.at(gone));
  notices_.erase(gone);
}

void OutboxBook::Save(const PutRow& put) const {
  put(json::ToString(json::Object{{"held", held_}}));
  for (const auto& [id, notice] : notices_) put(ToPayload(notice, {}));
  for (const auto& [id, context] : incidents_)
    put(json::ToString(json::Object{{"open_incident", id}, {"context", context}}));
}

Result<void> OutboxBook::Load(const json::Value& row) {
  if (const json::Value* held = row.Find("held")) {
    held_ = held->AsBool();
    return {};
  }
  if (const json::Value* incident = row.Find("open_incident")) {
    incidents_[std::string(incident->AsString())] = row["context"];
    return {};
  }
  BONGSU_TRY(Notice notice, NoticeFromJson(row));
  Keep(std::move(notice));
  return {};
}

// Proposing.

void OutboxBook::Intend(Notice notice, const std::optional<model::Person>& by, desk::DeskBatch& batch) {
  notice.at = batch.now();
  notice.state = held_ ? State::kHeld : State::kIntended;
  const std::string id = bongsu::ToText(notice.id);
  batch.Add(model::Kind::kNotice, id, ToPayload(notice, "intended", by));
}

void OutboxBook::AddResult(const Notice& notice, std::string_view why, const std::optional<model::Person>& by,
                           desk::DeskBatch& batch) {
  batch.Add(model::Kind::kNoticeResult, bongsu::ToText(notice.id), ToPayload(notice, why, by));
}

Result<json::Value> OutboxBook::Do(const model::DeskAct& act, desk::DeskBatch& batch) {
  return act.verb == "send" ? Send(act, batch) : Answer(act, batch);
}

Result<json::Value> OutboxBook::Send(const model::DeskAct& act, desk::DeskBatch& batch) {
  const json::Value& asked = act.arguments;
  Notice notice;
  notice.peer = asked["peer"].AsString();
  notice.channel = asked["channel"].AsString();
  // A channel alone names its only peer.
  if (notice.peer.empty()) {
    const auto on_channel = [&](const auto& item) { return item.second.channel == notice.channel; };
    if (std::ranges::count_if(peers_, on_channel) == 1) notice.peer = std::ranges::find_if(peers_, on_channel)->first;
  }
  const auto peer = peers_.find(notice.peer);
  if (peer == peers_.end()) return Fail(Code::kNotFound, "notice.no_peer", "there is no agency '{}'", notice.peer);
  if (peer->second.channel.empty() || (!notice.channel.empty() && notice.channel != peer->second.channel)) {
    return Fail(Code::kConflict, "notice.no_channel", "{} is not reached by {}; telephone {}", peer->second.name.ko,
                notice.channel.empty() ? "a channel" : notice.channel, peer->second.phone);
  }
  notice.channel = peer->second.channel;
  notice.kind = asked["kind"].AsString();
  if (notice.kind.empty() || notice.kind.size() > 64) {
    return Fail(Code::kInvalidArgument, "notice.kind", "a notice needs a kind of 1 to 64 characters");
  }
  notice.incident = asked["incident"].AsString();
  const auto incident = incidents_.find(notice.incident);
  if (incident == incidents_.end()) {
    return Fail(Code::kNotFound, "incident.unknown", "there is no open incident {}", notice.incident);
  }
  notice.context = incident->second;
  notice.text = model::LTextFromJson(asked["text"]);
  if (notice.text.ko.empty()) notice.text = model::LTextFromJson(incident->second["title"]);
  if (notice.text.ko.size() > kLongestText || notice.text.en.size() > kLongestText) {
    return Fail(Code::kInvalidArgument, "notice.text", "a notice has at most 2000 characters");
  }
  if (pending_.size() >= kMaxPending) {
    return Fail(Code::kOverloaded, "notice.too_many", "{} notices are waiting already", pending_.size());
  }
  notice.step = asked["step"].AsInt();
  notice.id = NoticeId{HashParts({"notice", act.by.id, notice.incident, notice.peer, notice.kind,
                                  FormatUtc(batch.now()), std::to_string(notices_.size())})};
  const NoticeId id = notice.id;
  Intend(std::move(notice), act.by, batch);
  batch.Audit("notice.send", bongsu::ToText(id), asked);
  return ToJson(notices_.at(id));
}

Result<json::Value> OutboxBook::Answer(const model::DeskAct& act, desk::DeskBatch& batch) {
  const auto hash = HashFromText(act.subject);
  const Notice* found = hash ? Find(NoticeId{*hash}) : nullptr;
  if (found == nullptr) return Fail(Code::kNotFound, "notice.unknown", "there is no notice {}", act.subject);
  if (found->state != State::kNeedsAnswer) {
    return Fail(Code::kConflict, "notice.no_question", "what became of this notice is known");
  }
  const std::string_view answer = act.arguments["answer"].AsString();
  Notice notice = *found;
  notice.error.clear();
  if (answer == "was_sent") {
    notice.state = State::kSent;
  } else if (answer == "send_again") {
    notice.state = held_ ? State::kHeld : State::kIntended;
  } else if (answer == "drop") {
    notice.state = State::kFailed;
    notice.error = fmt::format("dropped by {}", act.by.name);
  } else {
    return Fail(Code::kInvalidArgument, "notice.answer", "the answer is was_sent, send_again or drop, not '{}'",
                answer);
  }
  AddResult(notice, answer, act.by, batch);
  batch.Audit("notice.answer", act.subject, act.arguments);
  return ToJson(notices_.at(notice.id));
}

void OutboxBook::OnOutcome(NoticeId id, const Outcome& outcome, ChannelKind kind, desk::DeskBatch& batch) {
  const Notice* found = Find(id);
  if (found == nullptr || !found->pending() || found->next_at) return;
  Settle(*found, outcome, kind, batch);
}

void OutboxBook::Settle(Notice notice, const Outcome& outcome, ChannelKind kind, desk::DeskBatch& batch) {
  using enum Outcome::What;
  ++notice.attempts;
  notice.error = outcome.error;
  const bool again = kind == ChannelKind::kRepeatable && (outcome.what == kNotSent || outcome.what == kUnknown);
  std::string_view why = "failed";
  if (outcome.what == kDelivered) {
    notice.state = State::kDelivered;
    why = "delivered";
  } else if (kind == ChannelKind::kAsk && outcome.what == kUnknown) {
    notice.state = State::kNeedsAnswer;
    why = "unknown";
  } else if (again && notice.attempts < kMaxAttempts) {
    notice.next_at = batch.now() + batch.InPlatformTime(DelayAfter(notice.attempts));
    why = "retry_later";
  } else {
    notice.state = State::kFailed;
  }
  AddResult(notice, why, {}, batch);
}

void OutboxBook::Recover(const std::function<ChannelKind(std::string_view)>& kind_of, desk::DeskBatch& batch) {
  if (held_) return;
  for (const NoticeId id : std::set<NoticeId>{pending_}) {
    Notice notice = *Find(id);
    if (!notice.pending() || notice.next_at) continue;
    if (kind_of(notice.channel) == ChannelKind::kAsk) {
      notice.state = State::kNeedsAnswer;
      notice.error = "the server stopped before the outcome was known";
      AddResult(notice, "unknown", {}, batch);
    } else {
      AddResult(notice, "retry", {}, batch);
    }
  }
}

void OutboxBook::Hold(const std::function<ChannelKind(std::string_view)>& kind_of, std::string_view why,
                      desk::DeskBatch& batch) {
  if (held_) return;
  batch.Add(model::Kind::kConfig, std::string(kOutboxSubject),
            json::ToString(json::Object{{"what", kOutboxSubject}, {"held", true}, {"why", why}}));
  for (const NoticeId id : std::set<NoticeId>{pending_}) {
    Notice notice = *Find(id);
    if (!notice.pending()) continue;
    notice.next_at.reset();
    const bool asks = kind_of(notice.channel) == ChannelKind::kAsk;
    notice.state = asks ? State::kNeedsAnswer : State::kHeld;
    notice.error = why;
    AddResult(notice, asks ? "unknown" : "held", {}, batch);
  }
}

json::Value OutboxBook::Release(desk::DeskBatch& batch) {
  std::int64_t released = 0;
  if (held_)
    batch.Add(model::Kind::kConfig, std::string(kOutboxSubject),
              json::ToString(json::Object{{"what", kOutboxSubject}, {"held", false}}));
  for (const NoticeId id : std::set<NoticeId>{pending_}) {
    Notice notice = *Find(id);
    if (notice.state != State::kHeld) continue;
    notice.state = State::kIntended;
    notice.error.clear();
    AddResult(notice, "released", {}, batch);
    ++released;
  }
  return json::Object{{"released", released}};
}

// Following alarms and time.

/// Whose case the alarm is; nullptr: nobody's who is answered. Events about our own equipment, such as the silence of a
/// link, may name an agency as their source without being a message of it.
const Peer* OutboxBook::AgencyOf(const json::Value& alarm) const {
  if (alarm["service"].AsString() == "ems") return nullptr;
  for (const json::Value& source : alarm["memory"]["sources"].AsArray()) {
    for (const auto& [id, peer] : peers_) {
      if (peer.channel == "safety_net" && !peer.source.empty() && peer.source == source.AsString()) return &peer;
    }
  }
  return nullptr;
}

void OutboxBook::React(const model::Record& record, desk::DeskBatch& batch) {
  if (record.kind != model::Kind::kAlarm) return;
  const auto alarm = model::PayloadOf(record);
  if (!alarm || (*alarm)["drill"].AsBool()) return;
  const json::Value& change = (*alarm)["change"];
  const std::string_view why = change["why"].AsString();
  const bool reopened = why == "undone" && change["text"].AsString() == "close";
  // An event that the agency itself ended needs no end from us.
  const bool ended = change["from"].AsString() == "returned" || change["from"].AsString() == "normal";
  const bool finished = why == "closed" && !ended;
  if (why != "acknowledged" && !reopened && !finished) return;
  const Peer* peer = AgencyOf(*alarm);
  if (peer == nullptr) return;
  Notice notice;
  notice.peer = peer->id;
  notice.channel = peer->channel;
  notice.kind = finished ? "finished" : "received";
  notice.alarm = (*alarm)["id"].AsString();
  notice.incident = (*alarm)["incident"].AsString();
  notice.events = EventsOf(*alarm);
  notice.context = ContextOf(*alarm);
  const std::string_view title = (*alarm)["title"]["ko"].AsString();
  const std::string_view title_en = (*alarm)["title"]["en"].AsString(title);
  notice.text = finished ? model::LText{fmt::format("{} 종료", title), fmt::format("{}: finished", title_en)}
                         : model::LText{fmt::format("{} 처리 중", title), fmt::format("{}: in handling", title_en)};
  notice.id = NoticeId{HashParts(
      {"answer", notice.alarm, std::to_string((*alarm)["occurrence"].AsInt()), notice.kind, FormatUtc(batch.now())})};
  if (Find(notice.id) != nullptr) return;
  const bool full = pending_.size() >= kMaxPending;
  const NoticeId id = notice.id;
  Intend(std::move(notice), model::PersonFromJson(change["by"]), batch);
  if (!full) return;
  // Not sent, and the desk says so: somebody telephones.
  Notice failed = *Find(id);
  failed.state = State::kFailed;
  failed.error = fmt::format("{} notices are waiting already; telephone {}", kMaxPending, peer->phone);
  AddResult(failed, "failed", {}, batch);
}

TimePoint OutboxBook::NextDue() const { return held_ || due_.empty() ? kNever : due_.begin()->first; }

void OutboxBook::Tick(desk::DeskBatch& batch) {
  while (NextDue() <= batch.now()) {
    Notice notice = *Find(due_.begin()->second);
    notice.next_at.reset();
    AddResult(notice, "retry", {}, batch);
  }
}

}  // namespace bongsu::dispatch
