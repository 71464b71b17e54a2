// SPDX-License-Identifier: Apache-2.0
#include "serve/temporal/time_query.hpp"

#include <algorithm>
#include <charconv>

#include "serve/ngsi/request_query.hpp"
#include "serve/ngsi/uri.hpp"

namespace bongsu::temporal {
namespace {

using ngsi::BadData;
using ngsi::BadRequest;

constexpr std::array<std::string_view, 7> kOptions{"normalized", "concise",        "simplified",      "keyValues",
                                                   "sysAttrs",   "temporalValues", "aggregatedValues"};
constexpr std::array<std::string_view, 4> kProperties{"observedAt", "createdAt", "modifiedAt", "deletedAt"};
constexpr std::array<std::string_view, 7> kTimeParameters{"timerel", "timeAt",      "endTimeAt",         "timeproperty",
                                                          "lastN",   "aggrMethods", "aggrPeriodDuration"};

/// A member of temporalQ or aggrParams, or the parameter of that name.
class Source {
 public:
  Source(const ngsi::Exchange& exchange, json::Value* body) : exchange_{exchange} {
    if (body == nullptr) return;
    in_body_ = true;
    for (const auto* name : {"temporalQ", "aggrParams"}) {
      if (json::Value* member = body->Find(name)) members_.push_back(std::move(*member));
      body->Erase(name);
    }
  }

  Result<void> Check() const {
    for (const auto& member : members_) {
      if (!member.IsObject()) return BadData("temporalQ and aggrParams are objects");
      for (const auto& [name, value] : member.AsObject()) {
        if (name != "type" && std::ranges::find(kTimeParameters, name) == kTimeParameters.end())
          return BadData("a temporal query has no member '{}'", name.substr(0, 40));
      }
    }
    return {};
  }

  /// Arrays as their members with commas.
  std::optional<std::string> Get(std::string_view name) const {
    for (const auto& member : members_) {
      const json::Value* value = member.Find(name);
      if (value == nullptr) continue;
      if (!value->IsArray()) return json::ToPlainText(*value);
      std::string all;
      for (const auto& item : value->AsArray()) all += (all.empty() ? "" : ",") + json::ToPlainText(item);
      return all;
    }
    if (!exchange_.HasParameter(name)) return std::nullopt;
    return exchange_.Parameter(name);
  }

 private:
  const ngsi::Exchange& exchange_;
  bool in_body_ = false;
  std::vector<json::Value> members_;
};

Result<TimePoint> ReadTime(std::string_view name, const std::optional<std::string>& text) {
  if (!text || !ngsi::IsDateTime(*text)) return BadData("{} is YYYY-MM-DDThh:mm:ss[.f]Z", name);
  const auto time = ParseTime(*text);
  if (!time) return BadData("{}: {}", name, time.error().message);
  return *time;
}

Result<void> ReadSpan(const Source& source, TimeQuery& query) {
  const auto relation = source.Get("timerel");
  if (!relation) {
    if (source.Get("timeAt") || source.Get("endTimeAt")) return BadData("timeAt and endTimeAt need timerel");
    return {};
  }
  query.named = true;
  BONGSU_TRY(const TimePoint at, ReadTime("timeAt", source.Get("timeAt")));
  if (*relation == "before") {
    query.to = at;
  } else if (*relation == "after") {
    query.from = at;
  } else if (*relation == "between") {
    query.from = at;
    BONGSU_TRY(query.to, ReadTime("endTimeAt", source.Get("endTimeAt")));
    if (*query.to <= at) return BadData("endTimeAt comes after timeAt");
  } else {
    return BadData("timerel is before, after or between");
  }
  if (*relation != "between" && source.Get("endTimeAt")) return BadData("endTimeAt goes with timerel=between only");
  return {};
}

Result<TimeQuery> ReadTimeQuery(const Source& source) {
  TimeQuery query;
  BONGSU_CHECK(ReadSpan(source, query));
  if (const auto property = source.Get("timeproperty")) {
    const auto at = std::ranges::find(kProperties, *property);
    if (at == kProperties.end())
      return BadData("timeproperty is observedAt, createdAt, modifiedAt or deletedAt, not '{}'",
                     property->substr(0, 40));
    query.property = static_cast<TimeProperty>(at - kProperties.begin());
    query.named = true;
  }
  if (const auto last = source.Get("lastN")) {
    const auto [rest, error] = std::from_chars(last->data(), last->data() + last->size(), query.last);
    if (error != std::errc{} || rest != last->data() + last->size() || query.last == 0 || query.last > 1'000'000'000)
      return BadData("lastN is a whole number of 1 or more");
  }
  return query;
}

Result<void> ReadAggregation(const Source& source, TemporalRequest& request) {
  const auto methods = source.Get("aggrMethods");
  if (!methods || methods->empty()) return BadData("aggregatedValues needs aggrMethods");
  std::string_view rest = *methods;
  while (true) {
    const auto end = std::min(rest.find(','), rest.size());
    const auto method = history::MethodFromName(rest.substr(0, end));
    if (!method) return BadData("aggrMethods has no '{}'", rest.substr(0, std::min<std::size_t>(end, 40)));
    if (std::ranges::find(request.methods, *method) == request.methods.end()) request.methods.push_back(*method);
    if (end == rest.size()) break;
    rest.remove_prefix(end + 1);
  }
  const auto period = source.Get("aggrPeriodDuration");
  if (!period) return {};
  const auto parsed = history::ParsePeriod(*period);
  if (!parsed) return BadData("aggrPeriodDuration: {}", parsed.error().message);
  request.period = *parsed;
  return {};
}

/// A body that says how to sum.
bool AsksForSums(const json::Value* body) {
  if (body == nullptr) return false;
  const json::Value& time = (*body)["temporalQ"];
  return body->Find("aggrParams") != nullptr || time.Find("aggrMethods") != nullptr ||
         time.Find("aggrPeriodDuration") != nullptr;
}

/// @param sums_asked  a body that says how to sum wants sums
Result<Form> ReadForm(const ngsi::Exchange& exchange, bool sums_asked) {
  BONGSU_TRY(auto options, exchange.Options(kOptions));
  if (const auto format = exchange.Parameter("format"); !format.empty()) options = {format};  // wins over options
  const bool values =
      options.contains("temporalValues") || options.contains("simplified") || options.contains("keyValues");
  const bool sums = sums_asked || options.contains("aggregatedValues");
  const bool concise = options.contains("concise");
  if (int{values} + int{sums} + int{concise} > 1) return BadRequest("options asks for more than one representation");
  if (values) return Form::kValues;
  if (sums) return Form::kAggregated;
  return concise ? Form::kConcise : Form::kNormalized;
}

ngsi::NameSet With(ngsi::NameSet names, std::initializer_list<const char*> without) {
  names.insert(kTimeParameters.begin(), kTimeParameters.end());
  for (const auto* name : without) names.erase(name);
  return names;
}

}  // namespace

const ngsi::NameSet& QueryParameters() {
  static const ngsi::NameSet kNames =
      With(ngsi::QueryParameters(), {"geometryProperty", "orderFrom", "orderGeometry", "collation"});
  return kNames;
}

const ngsi::NameSet& RetrieveParameters() {
  static const ngsi::NameSet kNames = With(ngsi::RetrieveParameters(), {"geometryProperty"});
  return kNames;
}

const ngsi::NameSet& BodyQueryParameters() {
  static const ngsi::NameSet kNames =
      With({"limit", "offset", "count", "options", "format", "local", "lang", "datasetId"}, {});
  return kNames;
}

Result<TemporalRequest> ReadTemporalRequest(const ngsi::Exchange& exchange, json::Value* body, TimePoint now) {
  TemporalRequest request;
  BONGSU_TRY(request.form, ReadForm(exchange, AsksForSums(body)));
  BONGSU_TRY(request.as, ngsi::ReadRepresentation(exchange, now, kOptions));
  if (request.as.linked_depth > 0)
    return BadData("histories do not reach linked entities: pick and omit take no braces");
  request.as.format = request.form == Form::kConcise ? ngsi::Format::kConcise : ngsi::Format::kNormalized;
  const Source source{exchange, body};
  BONGSU_CHECK(source.Check());
  BONGSU_TRY(request.time, ReadTimeQuery(source));
  if (request.form == Form::kAggregated) BONGSU_CHECK(ReadAggregation(source, request));
  return request;
}

std::optional<TimePoint> TimeOf(const history::Sample& sample, TimeProperty property) {
  const bool deleted = sample.value_class == history::ValueClass::kDeleted;
  if (deleted != (property == TimeProperty::kDeleted)) return std::nullopt;
  switch (property) {
    case TimeProperty::kObserved:
      return sample.has_observed() ? std::optional{sample.observed} : std::nullopt;
    case TimeProperty::kModified:
      return sample.modified;
    default:
      return sample.id.recorded;
  }
}

bool Wants(const TimeQuery& query, const history::Sample& sample) {
  if (!query.named) return sample.value_class != history::ValueClass::kDeleted;
  const auto time = TimeOf(sample, query.property);
  return time && (!query.from || *time >= *query.from) && (!query.to || *time < *query.to);
}

}  // namespace bongsu::temporal
