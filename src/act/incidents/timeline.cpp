// SPDX-License-Identifier: Apache-2.0
#include "act/incidents/timeline.hpp"

#include <algorithm>
#include <array>

#include "base/time.hpp"

namespace bongsu::incidents {
namespace {

struct Line {
  std::string_view word;  ///< change.why, or the step's act
  std::string_view kind;
  std::string_view ko;
  std::string_view en;
};

constexpr std::array kAlarmLines{
    Line{"linked", "alarm", "경보 발생", "Alarm"},
    Line{"raised", "alarm", "경보 재발", "Alarm again"},
    Line{"escalated", "alarm", "경보 등급 상향", "Alarm got more severe"},
    Line{"cleared", "alarm", "상황 해제", "Condition gone"},
    Line{"corrected", "correction", "내용 정정", "Facts corrected"},
    Line{"withdrawn", "correction", "판정 철회", "Finding withdrawn"},
    Line{"acknowledged", "act", "경보 확인", "Acknowledged"},
    Line{"shelved", "act", "경보 보류", "Shelved"},
    Line{"unshelved", "act", "보류 해제", "Taken off the shelf"},
    Line{"shelf_ended", "alarm", "보류 종료", "Shelf ended"},
    Line{"closed", "act", "경보 종결", "Alarm closed"},
    Line{"undone", "act", "되돌림", "Taken back"},
    Line{"commented", "comment", "메모", "Comment"},
};
constexpr std::array kIncidentLines{
    Line{"opened", "act", "상황 개시", "Incident opened"},
    Line{"owned", "act", "담당 지정", "Owner"},
    Line{"released", "act", "담당 해제", "Owner released"},
    Line{"resolved", "act", "절차 완료", "Procedure finished"},
    Line{"reopened", "act", "상황 재개", "Incident reopened"},
    Line{"closed", "act", "상황 종결", "Incident closed"},
    Line{"merged", "act", "다른 상황에 병합", "Merged into another incident"},
};
constexpr std::array kStepLines{
    Line{"done", "step", "완료", "done"},
    Line{"answer", "step", "답변", "answered"},
    Line{"impossible", "step", "수행 불가", "not possible"},
    Line{"undo", "step", "취소", "taken back"},
    Line{"late", "step", "기한 초과", "late"},
};

template <std::size_t N>
const Line* LineOf(const std::array<Line, N>& lines, std::string_view word) {
  const auto found = std::ranges::find(lines, word, &Line::word);
  return found == lines.end() ? nullptr : &*found;
}

json::Value Entry(const model::Record& record, std::string_view kind, std::string ko, std::string en,
                  const json::Value& by) {
  json::Value entry = json::Object{{"at", FormatUtc(record.ingest_time)},
                                   {"kind", kind},
                                   {"text", json::Object{{"ko", std::move(ko)}, {"en", std::move(en)}}}};
  if (by.IsObject()) entry.Set("by", by);
  return entry;
}

std::string_view English(const json::Value& text) { return text["en"].AsString(text["ko"].AsString()); }

/// The facts of the newest correction: "count 3 → 5".
std::string CorrectedFacts(const json::Value& payload) {
  const json::Array& corrections = payload["memory"]["corrections"].AsArray();
  std::string facts;
  if (corrections.empty()) return facts;
  for (const auto& [name, value] : corrections.back()["new"].AsObject()) {
    const json::Value& old = corrections.back()["old"][name];
    if (name == "withdrawn") continue;
    facts +=
        fmt::format("{}{} {} → {}", facts.empty() ? "" : ", ", name, json::ToPlainText(old), json::ToPlainText(value));
  }
  return facts;
}

json::Value AlarmEntry(const model::Record& record, const json::Value& payload) {
  const json::Value& change = payload["change"];
  const Line* line = LineOf(kAlarmLines, change["why"].AsString());
  if (line == nullptr) return nullptr;
  if (line->kind == "comment") {
    const std::string text{change["text"].AsString()};
    return Entry(record, line->kind, text, text, change["by"]);
  }
  std::string more{change["text"].AsString()};
  if (line->kind == "correction") more = CorrectedFacts(payload);
  if (line->word == "closed") {
    more = fmt::format("{}{}{}", payload["closed"]["disposition"].AsString(), more.empty() ? "" : ": ", more);
  }
  const std::string tail = more.empty() ? "" : " (" + more + ")";
  return Entry(record, line->kind, fmt::format("{}: {}{}", line->ko, payload["title"]["ko"].AsString(), tail),
               fmt::format("{}: {}{}", line->en, English(payload["title"]), tail), change["by"]);
}

json::Value IncidentEntry(const model::Record& record, const json::Value& payload) {
  const json::Value& change = payload["change"];
  const Line* line = LineOf(kIncidentLines, change["why"].AsString());
  if (line == nullptr) return nullptr;
  std::string more{change["text"].AsString()};
  if (line->word == "owned") more = payload["owner"]["name"].AsString();
  if (line->word == "closed") more = payload["disposition"].AsString();
  const std::string tail = more.empty() ? "" : ": " + more;
  return Entry(record, line->kind, std::string(line->ko) + tail, std::string(line->en) + tail, change["by"]);
}

json::Value StepEntry(const model::Record& record, const json::Value& payload) {
  const Line* line = LineOf(kStepLines, payload["act"].AsString());
  if (line == nullptr) return nullptr;
  const json::Value& step = payload["step"];
  std::string more{step["reason"].AsString()};
  if (step["answer"].IsString()) more = step["answer"].AsString();
  const std::string tail = more.empty() ? "" : " (" + more + ")";
  return Entry(record, "step",
               fmt::format("{}. {}: {}{}", step["n"].AsInt(), step["text"]["ko"].AsString(), line->ko, tail),
               fmt::format("{}. {}: {}{}", step["n"].AsInt(), English(step["text"]), line->en, tail), payload["by"]);
}

json::Value NoticeEntry(const model::Record& record, const json::Value& payload) {
  static constexpr std::array kStates{
      Line{"intended", "", "통보 요청", "notice intended"},
      Line{"sent", "", "통보 발신", "notice sent"},
      Line{"delivered", "", "통보 수신 확인", "notice delivered"},
      Line{"failed", "", "통보 실패", "notice failed"},
      Line{"needs_answer", "", "발신 여부 확인 필요", "was it sent?"},
      Line{"held", "", "통보 보류", "notice held"},
  };
  const Line* line = LineOf(kStates, payload["state"].AsString());
  if (line == nullptr || payload["change"]["why"].AsString() == "retry") return nullptr;
  const std::string error{payload["error"].AsString()};
  const std::string tail = error.empty() ? "" : " (" + error + ")";
  return Entry(record, "notice",
               fmt::format("{} {}: {}{}", line->ko, payload["peer"].AsString(), payload["text"]["ko"].AsString(), tail),
               fmt::format("{} {}: {}{}", line->en, payload["peer"].AsString(), English(payload["text"]), tail),
               payload["change"]["by"]);
}

}  // namespace

json::Value TimelineEntry(const model::Record& record, const json::Value& payload) {
  switch (record.kind) {
    case model::Kind::kAlarm:
      return AlarmEntry(record, payload);
    case model::Kind::kIncident:
      return IncidentEntry(record, payload);
    case model::Kind::kStep:
      return StepEntry(record, payload);
    case model::Kind::kNotice:
    case model::Kind::kNoticeResult:
      return NoticeEntry(record, payload);
    default:
      return nullptr;
  }
}

}  // namespace bongsu::incidents
