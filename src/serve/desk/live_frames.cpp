// SPDX-License-Identifier: Apache-2.0
#include "serve/desk/live_frames.hpp"

namespace bongsu::api {
namespace {

std::string_view FrameType(model::Kind kind) {
  switch (kind) {
    case model::Kind::kAlarm:
      return "alarm";
    case model::Kind::kIncident:
      return "incident";
    case model::Kind::kStep:
      return "step";
    case model::Kind::kNotice:
    case model::Kind::kNoticeResult:
      return "notice";
    default:
      return {};
  }
}

}  // namespace

std::optional<live::Frame> LiveFrame(const model::Record& record) {
  const std::string_view type = FrameType(record.kind);
  if (type.empty()) return std::nullopt;
  auto data = json::Parse(record.payload);
  if (!data || !data->IsObject()) return std::nullopt;
  if (record.kind == model::Kind::kStep) {
    return live::Frame{std::string(type), json::Object{{"incident", (*data)["incident"]}, {"step", (*data)["step"]}}};
  }
  data->Erase("change");
  data->Erase("memory");
  return live::Frame{std::string(type), std::move(*data)};
}

json::Value DeskSnapshot(const alarms::AlarmBook& alarms, const incidents::IncidentBook& incidents) {
  json::Array alarm_rows;
  for (const alarms::AlarmRow* row : alarms.Board()) alarm_rows.push_back(ToJson(*row));
  json::Array incident_rows;
  for (const incidents::Incident* incident : incidents.List(false)) incident_rows.push_back(ToJson(*incident));
  return json::Object{{"alarms", std::move(alarm_rows)}, {"incidents", std::move(incident_rows)}};
}

}  // namespace bongsu::api
