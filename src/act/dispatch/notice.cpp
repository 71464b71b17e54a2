// SPDX-License-Identifier: Apache-2.0
#include "act/dispatch/notice.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace bongsu::dispatch {
namespace {

constexpr std::array<std::string_view, 6> kStateNames{"intended", "sent",         "delivered",
                                                      "failed",   "needs_answer", "held"};

}  // namespace

std::string_view StateName(State state) { return kStateNames[static_cast<std::size_t>(state)]; }

json::Value ToJson(const Notice& notice) {
  json::Value value = json::Object{{"id", bongsu::ToText(notice.id)}};
  value.Set("incident", notice.incident.empty() ? json::Value{} : json::Value{notice.incident});
  value.Set("channel", notice.channel);
  value.Set("peer", notice.peer);
  value.Set("kind", notice.kind);
  value.Set("text", model::ToJson(notice.text));
  value.Set("state", StateName(notice.state));
  value.Set("at", FormatUtc(notice.at));
  value.Set("attempts", notice.attempts);
  if (!notice.error.empty()) value.Set("error", notice.error);
  return value;
}

std::string ToPayload(const Notice& notice, std::string_view why, const std::optional<model::Person>& by) {
  json::Value payload = ToJson(notice);
  json::Value change = json::Object{{"why", why}};
  if (by) change.Set("by", model::ToJson(*by));
  payload.Set("change", std::move(change));
  json::Array events;
  for (const model::Position& event : notice.events)
    events.emplace_back(fmt::format("{}/{}", event.partition, event.seq));
  payload.Set("memory",
              json::Object{{"alarm", notice.alarm},
                           {"step", notice.step},
                           {"events", std::move(events)},
                           {"context", notice.context},
                           {"next_at", notice.next_at ? json::Value{FormatUtc(*notice.next_at)} : json::Value{}}});
  return json::ToString(payload);
}

Result<Notice> NoticeFromJson(const json::Value& payload) {
  const auto id = HashFromText(payload["id"].AsString());
  const auto state = std::ranges::find(kStateNames, payload["state"].AsString());
  if (!id || state == kStateNames.end()) {
    return Fail(Code::kCorrupt, "notice.bad_payload", "a notice's payload has no id or state");
  }
  Notice notice;
  notice.id = model::NoticeId{*id};
  notice.incident = payload["incident"].AsString();
  notice.channel = payload["channel"].AsString();
  notice.peer = payload["peer"].AsString();
  notice.kind = payload["kind"].AsString();
  notice.text = model::LTextFromJson(payload["text"]);
  notice.state = static_cast<State>(state - kStateNames.begin());
  notice.at = ParseTime(payload["at"].AsString()).value_or(TimePoint{});
  notice.attempts = payload["attempts"].AsInt();
  notice.error = payload["error"].AsString();
  const json::Value& memory = payload["memory"];
  notice.alarm = memory["alarm"].AsString();
  notice.step = memory["step"].AsInt();
  for (const json::Value& item : memory["events"].AsArray()) {
    const std::string_view text = item.AsString();
    const std::size_t slash = std::min(text.find('/'), text.size());
    model::Position position;
    std::from_chars(text.data(), text.data() + slash, position.partition);
    if (slash < text.size()) std::from_chars(text.data() + slash + 1, text.data() + text.size(), position.seq);
    notice.events.push_back(position);
  }
  notice.context = memory["context"];
  if (const auto next = ParseTime(memory["next_at"].AsString())) notice.next_at = *next;
  return notice;
}

}  // namespace bongsu::dispatch
