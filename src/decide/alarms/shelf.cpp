// SPDX-License-Identifier: Apache-2.0
#include "decide/alarms/shelf.hpp"

namespace bongsu::alarms {

Result<Shelf> MakeShelf(const model::DeskAct& act, int severity, TimePoint now) {
  const std::string_view reason = act.arguments["reason"].AsString();
  if (reason.empty() || reason.size() > 2000) {
    return Fail(Code::kInvalidArgument, "alarm.shelf_reason", "shelving needs a reason of 1 to 500 characters");
  }
  const json::Value& asked = act.arguments["minutes"];
  const std::int64_t minutes = asked.IsNull() ? kDefaultShelfMinutes : asked.AsInt(0);
  if (minutes < 1 || minutes > kLongestShelfMinutes) {
    return Fail(Code::kInvalidArgument, "alarm.shelf_minutes", "an alarm is shelved for 1 to {} minutes, not {}",
                kLongestShelfMinutes, json::ToPlainText(asked));
  }
  if (severity == 1 && !act.may_shelve_critical) {
    return Fail(Code::kPermissionDenied, "alarm.shelf_critical", "a critical alarm is shelved by a supervisor only");
  }
  return Shelf{now + std::chrono::minutes{minutes}, std::string(reason), act.by};
}

json::Value ToJson(const Shelf& shelf) {
  return json::Object{{"until", FormatUtc(shelf.until)}, {"reason", shelf.reason}, {"by", model::ToJson(shelf.by)}};
}

Shelf ShelfFromJson(const json::Value& value) {
  return {ParseTime(value["until"].AsString()).value_or(TimePoint{}), std::string(value["reason"].AsString()),
          model::PersonFromJson(value["by"]).value_or(model::Person{})};
}

}  // namespace bongsu::alarms
