// SPDX-License-Identifier: Apache-2.0
#include "know/history/aggregate.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace bongsu::history {
namespace {

// In the order of Method.
constexpr std::array<std::string_view, 8> kNames{"avg",    "sum",   "min",        "max",
                                                 "stddev", "sumsq", "totalCount", "distinctCount"};

constexpr std::int64_t kSecond = 1'000'000;
struct Unit {
  char letter;
  bool in_time;
  std::int64_t months;
  std::int64_t micros;
};
constexpr std::array<Unit, 7> kUnits{{{'Y', false, 12, 0},
                                      {'M', false, 1, 0},
                                      {'W', false, 0, std::int64_t{7} * 86'400 * kSecond},
                                      {'D', false, 0, 86'400 * kSecond},
                                      {'H', true, 0, 3600 * kSecond},
                                      {'M', true, 0, 60 * kSecond},
                                      {'S', true, 0, kSecond}}};
constexpr double kMostUnits = 1e6;

}  // namespace

Result<Period> ParsePeriod(std::string_view text) {
  const auto bad = [&] {
    return Fail(Code::kInvalidArgument, "history.bad_period", "'{}' is no duration such as P1D or PT15M",
                text.substr(0, 40));
  };
  std::string_view rest = text;
  if (!rest.starts_with('P')) return bad();
  rest.remove_prefix(1);
  Period period;
  bool in_time = false;
  bool any = false;
  auto next = kUnits.begin();  // units come from the largest down, each once
  while (!rest.empty()) {
    if (rest.front() == 'T') {
      if (in_time) return bad();
      in_time = true;
      any = false;
      rest.remove_prefix(1);
      continue;
    }
    double number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number, std::chars_format::fixed);
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    if (error != std::errc{} || rest.empty() || !(number >= 0) || number > kMostUnits) return bad();
    const auto unit = std::find_if(next, kUnits.end(),
                                   [&](const Unit& u) { return u.letter == rest.front() && u.in_time == in_time; });
    if (unit == kUnits.end() || (unit->months > 0 && number != std::floor(number))) return bad();
    period.months += static_cast<std::int64_t>(number) * unit->months;
    period.rest += Duration{std::llround(number * static_cast<double>(unit->micros))};
    next = unit + 1;
    any = true;
    rest.remove_prefix(1);
  }
  if (!any) return bad();
  return period;
}

TimePoint Advance(TimePoint from, const Period& period, std::int64_t count) {
  TimePoint time = from;
  if (period.months > 0) {
    const auto day = std::chrono::floor<std::chrono::days>(from);
    const std::chrono::year_month_day date{day};
    auto moved = date + std::chrono::months{period.months * count};
    if (!moved.ok()) moved = moved.year() / moved.month() / std::chrono::last;  // 31 January and a month: its last day
    time = std::chrono::sys_days{moved} + (from - day);
  }
  return time + period.rest * count;
}

std::optional<Method> MethodFromName(std::string_view name) {
  const auto at = std::ranges::find(kNames, name);
  if (at == kNames.end()) return std::nullopt;
  return static_cast<Method>(at - kNames.begin());
}

std::string_view MethodName(Method method) { return kNames.at(static_cast<std::size_t>(method)); }

bool Aggregate::counts_distinct() const {
  return std::ranges::find(methods_, Method::kDistinctCount) != methods_.end();
}

std::int64_t Aggregate::BucketOf(TimePoint time) {
  if (!origin_) origin_ = time;
  last_ = std::max(last_, time);
  if (period_.whole() || time < *origin_) return 0;
  // A first guess by the mean length, then the right one beside it.
  const double length =
      static_cast<double>(period_.rest.count()) + static_cast<double>(period_.months) * 30.436875 * 86'400e6;
  auto bucket = static_cast<std::int64_t>(static_cast<double>((time - *origin_).count()) / length);
  while (bucket > 0 && Advance(*origin_, period_, bucket) > time) --bucket;
  while (Advance(*origin_, period_, bucket + 1) <= time) ++bucket;
  return bucket;
}

void Aggregate::Add(const Sample& sample, TimePoint time) {
  Sums& sums = buckets_[BucketOf(time)];
  ++sums.total;
  if (counts_distinct()) sums.distinct.insert(sample.text);
  if (sample.value_class == ValueClass::kNumber) return sums.numbers.Add(sample.number);
  if (sample.text == "true" || sample.text == "false") return sums.numbers.Add(sample.text == "true" ? 1 : 0);
  const bool link = sample.shell->find(R"("type":"Relationship")") != std::string::npos ||
                    sample.shell->find(R"("type":"ListRelationship")") != std::string::npos;
  if (link || sample.text.empty()) return;
  if (sample.text.front() == '[') {
    const auto array = json::Parse(sample.text);
    if (array) sums.sizes.Add(static_cast<double>(array->AsArray().size()));
  } else if (sample.text.front() == '"') {
    if (sums.least.empty() || sample.text < sums.least) sums.least = sample.text;
    if (sums.greatest.empty() || sample.text > sums.greatest) sums.greatest = sample.text;
  }
}

void Aggregate::Add(double number, TimePoint time) {
  Sums& sums = buckets_[BucketOf(time)];
  ++sums.total;
  sums.numbers.Add(number);
}

bool Aggregate::AddWhole(const Head& head) {
  if (!head.summed || !head.plain || counts_distinct()) return false;
  const std::int64_t bucket = BucketOf(head.first);
  if (BucketOf(head.last) != bucket) return false;
  Sums& sums = buckets_[bucket];
  sums.total += head.count;
  sums.numbers.Add(head.rollup);
  return true;
}

std::optional<json::Value> Aggregate::ValueOf(Method method, const Sums& sums) const {
  const auto of = [&](const Rollup& r) -> std::optional<json::Value> {
    const auto n = static_cast<double>(r.count);
    switch (method) {
      case Method::kAvg:
        return json::Value{r.sum / n};
      case Method::kSum:
        return json::Value{r.sum};
      case Method::kMin:
        return json::Value{r.min};
      case Method::kMax:
        return json::Value{r.max};
      case Method::kStddev:
        return json::Value{std::sqrt(std::max(0.0, r.sum_of_squares / n - (r.sum / n) * (r.sum / n)))};
      default:
        return json::Value{r.sum_of_squares};
    }
  };
  if (method == Method::kTotalCount) return json::Value{static_cast<std::int64_t>(sums.total)};
  if (method == Method::kDistinctCount) return json::Value{static_cast<std::int64_t>(sums.distinct.size())};
  if (sums.numbers.count > 0) return of(sums.numbers);
  const bool of_sizes = method != Method::kStddev && method != Method::kSumsq;
  if (sums.sizes.count > 0 && of_sizes) return of(sums.sizes);
  const std::string& text = method == Method::kMin ? sums.least : sums.greatest;
  if ((method != Method::kMin && method != Method::kMax) || text.empty()) return std::nullopt;
  const auto value = json::Parse(text);
  return value ? std::optional{*value} : std::nullopt;
}

Result<std::vector<Aggregate::Bucket>> Aggregate::Of(Method method) const {
  std::vector<Bucket> out;
  for (const auto& [number, sums] : buckets_) {
    auto value = ValueOf(method, sums);
    if (!value) continue;
    Bucket& bucket = out.emplace_back();
    const TimePoint origin = origin_.value_or(TimePoint{});  // set with the first sample
    bucket.start = Advance(origin, period_, number);
    bucket.end = period_.whole() ? end_.value_or(last_) : Advance(origin, period_, number + 1);
    bucket.value = std::move(*value);
  }
  if (out.empty() && !buckets_.empty())
    return Fail(Code::kInvalidArgument, "ngsi.InvalidRequest", "{} cannot be taken of values of this kind",
                MethodName(method));
  return out;
}

}  // namespace bongsu::history
