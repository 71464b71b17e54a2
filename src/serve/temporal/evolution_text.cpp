// SPDX-License-Identifier: Apache-2.0
#include "serve/temporal/evolution_text.hpp"

#include <algorithm>
#include <span>

#include "serve/temporal/instance_text.hpp"

namespace bongsu::temporal {
namespace {

using history::Sample;

class EvolutionWriter {
 public:
  EvolutionWriter(const EvolutionAnswer& answer, const TemporalRequest& request, std::uint16_t partition)
      : answer_{answer}, request_{request}, as_{request.as}, instances_{request, partition} {}

  Result<std::string> Write() {
    out_ = "{";
    Members();
    const auto& series = answer_.series;
    for (std::size_t i = 0; i < series.size();) {
      std::size_t end = i + 1;
      while (end < series.size() && series[end].attribute == series[i].attribute) ++end;
      Key(series[i].attribute == history::kScope ? series[i].attribute : as_.context->Compact(series[i].attribute));
      BONGSU_CHECK(Attribute(std::span{series}.subspan(i, end - i)));
      i = end;
    }
    out_ += '}';
    return std::move(out_);
  }

 private:
  bool Shown(std::string_view member) const {
    if (as_.pick && !as_.pick->contains(member)) return false;
    return !as_.omit || !as_.omit->contains(member);
  }

  void Key(std::string_view name) {
    if (out_.back() != '{') out_ += ',';
    json::AppendString(out_, name);
    out_ += ':';
  }

  void Text(std::string_view name, std::string_view text) {
    Key(name);
    json::AppendString(out_, text);
  }

  void Names(std::string_view name, const std::vector<std::string>& names) {
    Key(name);
    if (names.size() == 1) return json::AppendString(out_, names.front());
    json::Array all;
    for (const auto& one : names) all.emplace_back(one);
    json::AppendTo(out_, json::Value{std::move(all)});
  }

  void Members() {
    const history::Evolution& head = answer_.head;
    if (Shown("id")) Text("id", answer_.id);
    if (Shown("type")) {
      std::vector<std::string> types;
      types.reserve(head.types.size());
      for (const auto& type : head.types) types.push_back(as_.context->Compact(type));
      Names("type", types);
    }
    const bool deleted = head.deleted != TimePoint{};
    if (as_.system_times) {
      Text("createdAt", FormatUtc(head.created));
      TimePoint modified = std::max(head.created, head.deleted);
      for (const auto& series : answer_.series) {
        for (const Sample& sample : series.samples) modified = std::max(modified, sample.modified);
      }
      Text("modifiedAt", FormatUtc(modified));
    }
    if (deleted && (as_.system_times || request_.time.property == TimeProperty::kDeleted))
      Text("deletedAt", FormatUtc(head.deleted));
  }

  Result<void> Attribute(std::span<const SeriesAnswer> series) {
    if (request_.form == Form::kNormalized || request_.form == Form::kConcise) {
      Instances(series);
      return {};
    }
    if (series.size() > 1) out_ += '[';
    for (const SeriesAnswer& one : series) {
      if (&one != series.data()) out_ += ',';
      if (request_.form == Form::kValues) {
        Values(one);
      } else {
        BONGSU_CHECK(Sums(one));
      }
    }
    if (series.size() > 1) out_ += ']';
    return {};
  }

  void Instances(std::span<const SeriesAnswer> series) {
    out_ += '[';
    for (const SeriesAnswer& one : series) {
      for (const Sample& sample : one.samples) {
        if (out_.back() != '[') out_ += ',';
        if (one.attribute == history::kScope) {
          instances_.AppendScope(out_, sample);
        } else {
          instances_.AppendInstance(out_, sample);
        }
      }
    }
    out_ += ']';
  }

  void Dataset(const SeriesAnswer& series) {
    if (!series.dataset.empty()) Text("datasetId", series.dataset);
  }

  void Values(const SeriesAnswer& series) {
    const Sample* any = series.cut ? &*series.cut : nullptr;
    if (!series.samples.empty()) any = &series.samples.front();
    out_ += '{';
    if (any == nullptr) {
      out_ += '}';
      return;
    }
    Text("type", instances_.TypeOf(*any));
    Dataset(series);
    Key(instances_.ListOf(*any));
    out_ += '[';
    for (const Sample& sample : series.samples) {
      out_ += out_.back() == '[' ? "[" : ",[";
      if (series.attribute == history::kScope) {
        InstanceWriter::AppendScopeValue(out_, sample);
      } else {
        instances_.AppendValue(out_, sample);
      }
      out_ += ",\"";
      AppendTime(sample);
      out_ += "\"]";
    }
    out_ += "]}";
  }

  void AppendTime(const Sample& sample) {
    if (request_.time.property == TimeProperty::kObserved && sample.has_observed())
      return history::AppendObserved(out_, sample.observed, sample.observed_digits);
    out_ += FormatUtc(TimeOf(sample, request_.time.property).value_or(sample.at()));
  }

  Result<void> Sums(const SeriesAnswer& series) {
    out_ += '{';
    Text("type", "Property");
    Dataset(series);
    for (const history::Method method : request_.methods) {
      if (!series.aggregate) continue;
      BONGSU_TRY(auto buckets, series.aggregate->Of(method));
      if (request_.time.last > 0) {  // the last ones, newest first, like samples
        if (buckets.size() > request_.time.last)
          buckets.erase(buckets.begin(), buckets.end() - static_cast<std::ptrdiff_t>(request_.time.last));
        std::ranges::reverse(buckets);
      }
      Key(history::MethodName(method));
      out_ += '[';
      for (const auto& bucket : buckets) {
        out_ += out_.back() == '[' ? "[" : ",[";
        json::AppendTo(out_, bucket.value);
        out_ += fmt::format(R"(,"{}","{}"])", FormatUtc(bucket.start), FormatUtc(bucket.end));
      }
      out_ += ']';
    }
    out_ += '}';
    return {};
  }

  const EvolutionAnswer& answer_;
  const TemporalRequest& request_;
  const ngsi::Representation& as_;
  InstanceWriter instances_;
  std::string out_;
};

}  // namespace

Result<std::string> EvolutionText(const EvolutionAnswer& answer, const TemporalRequest& request,
                                  std::uint16_t partition) {
  return EvolutionWriter(answer, request, partition).Write();
}

std::optional<std::string> CutToCap(std::vector<EvolutionAnswer>& entities, const TimeQuery& time, std::size_t cap) {
  const auto at = [&](const Sample& sample) { return TimeOf(sample, time.property).value_or(sample.at()); };
  std::vector<TimePoint> times;
  for (const auto& entity : entities) {
    for (const auto& series : entity.series) {
      for (const Sample& sample : series.samples) times.push_back(at(sample));
    }
  }
  if (times.size() <= cap) return std::nullopt;
  const bool backwards = time.last > 0;
  if (backwards) {
    std::ranges::sort(times, std::ranges::greater{});
  } else {
    std::ranges::sort(times);
  }
  // The first time that does not fit whole goes, unless nothing would be left: one time is never cut in two.
  const TimePoint limit = times[cap];
  const bool keep_limit = times.front() == limit;
  const auto goes = [&](TimePoint t) { return t == limit ? !keep_limit : (backwards ? t < limit : t > limit); };
  TimePoint oldest = TimePoint::max();
  TimePoint newest = TimePoint::min();
  for (auto& entity : entities) {
    for (auto& series : entity.series) {
      if (!series.samples.empty()) series.cut = series.samples.front();
      std::erase_if(series.samples, [&](const Sample& sample) { return goes(at(sample)); });
      for (const Sample& sample : series.samples) {
        oldest = std::min(oldest, at(sample));
        newest = std::max(newest, at(sample));
      }
    }
  }
  const TimePoint start = backwards ? time.to.value_or(newest) : time.from.value_or(oldest);
  const TimePoint end = backwards ? oldest : newest;
  return fmt::format("date-time {}-{}/{}", FormatUtc(start), FormatUtc(end),
                     backwards ? std::to_string(time.last) : "*");
}

}  // namespace bongsu::temporal
