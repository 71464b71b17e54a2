// SPDX-License-Identifier: Apache-2.0
#include "serve/temporal/evolution_reader.hpp"

#include <algorithm>
#include <iterator>

#include "know/history/tail.hpp"
#include "serve/temporal/instance_text.hpp"

namespace bongsu::temporal {
namespace {

using history::Head;
using history::Sample;

constexpr std::size_t kMostRead = 1'000'000;      ///< Samples of one series in memory.
constexpr std::size_t kMostEntities = 1'000'000;  ///< Candidates of one query.

tl::unexpected<Error> TooMuch(std::string_view what) {
  return Fail(Code::kTooLarge, "ngsi.TooComplexQuery", "the query reads more than {} {}", kMostRead, what);
}

/// The entity as the head knows it, without attributes.
context::Entity EntityOf(const std::string& id, std::uint16_t tenant, const history::Evolution& head,
                         context::Names& names) {
  context::Entity entity;
  entity.id = id;
  entity.tenant = tenant;
  for (const auto& type : head.types) entity.types.push_back(names.Intern(type));
  entity.created = head.created;
  entity.modified = head.created;
  return entity;
}

std::vector<std::string> ScopesIn(const Sample& sample) {
  std::vector<std::string> scopes;
  if (sample.value_class == history::ValueClass::kDeleted) return scopes;
  const auto value = json::Parse(sample.text);
  if (!value) return scopes;
  for (const auto& scope : value->AsArray()) scopes.emplace_back(scope.AsString());
  return scopes;
}

/// The query without what only instances can answer.
context::Query Coarse(const context::Query& query) {
  context::Query coarse = query;
  coarse.q.reset();
  coarse.geo.reset();
  coarse.scope.reset();
  coarse.attributes.clear();
  return coarse;
}

}  // namespace

bool ShowsMembers(const ngsi::Representation& as, const EvolutionAnswer& answer) {
  const auto shown = [&](std::string_view member) {
    return (!as.pick || as.pick->contains(member)) && (!as.omit || !as.omit->contains(member));
  };
  if (shown("id") || shown("type")) return true;
  return !answer.series.empty() && answer.series.front().attribute == history::kScope;
}

bool EvolutionReader::ShowsScope() const {
  const ngsi::Representation& as = request_.as;
  if (as.attributes || request_.form == Form::kAggregated) return false;
  return (!as.pick || as.pick->contains(history::kScope)) && (!as.omit || !as.omit->contains(history::kScope));
}

/// A scope is set and replaced at the times by which its instances are chosen.
TimePoint EvolutionReader::ScopedAt(const Sample& sample) const {
  if (request_.time.property == TimeProperty::kDeleted) return sample.at();
  return TimeOf(sample, request_.time.property).value_or(sample.at());
}

Result<std::vector<Sample>> EvolutionReader::Scopes(const store::EntityKey& key) const {
  std::vector<Sample> all;
  const history::SeriesKey series{key.partition, key.tenant, key.id, std::string(history::kScope), {}};
  BONGSU_CHECK(state_.ReadSeries(series, {}, [&](std::string_view bytes, bool) -> Result<bool> {
    BONGSU_TRY(std::vector<Sample> samples, history::DecodeRow(bytes));
    std::ranges::move(samples, std::back_inserter(all));
    if (all.size() > kMostRead) return TooMuch("scopes");
    return true;
  }));
  // Of those before the past begins one may still be so.
  BONGSU_TRY(const auto cut, state_.CutOf(key.partition));
  if (cut) {
    std::ranges::sort(all, history::Before);
    const auto first = std::ranges::find_if(all, [&](const Sample& sample) { return sample.at() >= cut->at; });
    if (first != all.begin()) all.erase(all.begin(), std::prev(first));
  }
  std::ranges::sort(all, [&](const Sample& a, const Sample& b) {
    return ScopedAt(a) != ScopedAt(b) ? ScopedAt(a) < ScopedAt(b) : a.id < b.id;
  });
  return all;
}

std::vector<Interval> EvolutionReader::WhereaboutsOf(const std::vector<Sample>& scopes,
                                                     const context::ScopeQuery& asked) const {
  const TimeQuery& time = request_.time;
  std::vector<Interval> found;
  for (std::size_t i = 0; i < scopes.size(); ++i) {
    const TimePoint from = ScopedAt(scopes[i]);
    const TimePoint to = i + 1 < scopes.size() ? ScopedAt(scopes[i + 1]) : TimePoint::max();
    const bool in_span = from < to && (!time.from || to > *time.from) && (!time.to || from < *time.to);
    if (in_span && asked.Matches(ScopesIn(scopes[i]))) found.push_back({from, to});
  }
  return found;
}

std::vector<Sample> EvolutionReader::ShownScopes(std::vector<Sample> all, const Whereabouts& where) const {
  const TimeQuery& time = request_.time;
  std::vector<Sample> shown;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool lasts = i + 1 == all.size() || (time.from && ScopedAt(all[i + 1]) > *time.from);
    const bool was_so = time.from && time.property != TimeProperty::kDeleted && lasts &&
                        ScopedAt(all[i]) < *time.from && !ScopesIn(all[i]).empty();
    const bool there = !where || std::ranges::any_of(*where, [&](const Interval& interval) {
      return ScopedAt(all[i]) >= interval.from && ScopedAt(all[i]) < interval.to;
    });
    if (there && (was_so || Wants(time, all[i]))) shown.push_back(std::move(all[i]));
  }
  if (time.last == 0) return shown;
  if (shown.size() > time.last) shown.erase(shown.begin(), shown.end() - static_cast<std::ptrdiff_t>(time.last));
  std::ranges::reverse(shown);
  return shown;
}

bool EvolutionReader::Wanted(const Sample& sample, const Whereabouts& where) const {
  if (!Wants(request_.time, sample)) return false;
  if (!where) return true;
  const TimePoint at = TimeOf(sample, request_.time.property).value_or(sample.at());
  return std::ranges::any_of(*where, [&](const Interval& one) { return at >= one.from && at < one.to; });
}

bool EvolutionReader::Shown(const history::SeriesKey& key) const {
  const ngsi::Representation& as = request_.as;
  if (key.attribute == history::kScope) return false;
  if (as.attributes && !as.attributes->contains(key.attribute)) return false;
  if (as.pick && !as.pick->contains(key.attribute)) return false;
  if (as.omit && as.omit->contains(key.attribute)) return false;
  return as.datasets.empty() || as.datasets.contains(key.dataset.empty() ? "@none" : key.dataset);
}

Result<std::vector<Sample>> EvolutionReader::Samples(const history::SeriesKey& key, const Whereabouts& where) const {
  const TimeQuery& time = request_.time;
  const bool in_order = time.property == TimeProperty::kObserved;  // the order of series
  store::SeriesRange range;
  range.newest_first = time.last > 0;
  if (in_order) {
    range.from = time.from;
    range.to = time.to;
  }
  const std::size_t enough = time.last > 0 ? time.last : cap_ + 1;
  std::vector<Sample> found;  // sealed: in order when read from the first chunk on
  std::vector<Sample> tail;
  std::optional<TimePoint> read_to;  // reading ended there: what is later was not all seen
  BONGSU_CHECK(state_.ReadSeries(key, range, [&](std::string_view bytes, bool sealed) -> Result<bool> {
    BONGSU_TRY(std::vector<Sample> samples, history::DecodeRow(bytes));
    const TimePoint last = samples.back().at();
    std::ranges::copy_if(std::make_move_iterator(samples.begin()), std::make_move_iterator(samples.end()),
                         std::back_inserter(sealed ? found : tail),
                         [&](const Sample& sample) { return Wanted(sample, where); });
    if (found.size() + tail.size() > kMostRead) return TooMuch("samples");
    if (!in_order || !sealed || found.size() < enough) return true;
    if (time.last == 0) read_to = last;
    return false;
  }));
  if (read_to) std::erase_if(tail, [&](const Sample& sample) { return sample.at() > *read_to; });
  const auto at = [&](const Sample& sample) { return TimeOf(sample, time.property).value_or(sample.at()); };
  const auto before = [&](const Sample& a, const Sample& b) { return at(a) != at(b) ? at(a) < at(b) : a.id < b.id; };
  std::ranges::sort(tail, before);
  std::ranges::move(tail, std::back_inserter(found));
  if (!std::ranges::is_sorted(found, before)) std::ranges::sort(found, before);
  if (time.last == 0) return found;
  if (found.size() > time.last) found.erase(found.begin(), found.end() - static_cast<std::ptrdiff_t>(time.last));
  std::ranges::reverse(found);
  return found;
}

Result<std::optional<history::Aggregate>> EvolutionReader::Sums(const history::SeriesKey& key,
                                                                const Whereabouts& where) const {
  const TimeQuery& time = request_.time;
  const bool in_order = time.property == TimeProperty::kObserved;
  std::vector<std::pair<Head, std::string>> whole;
  std::vector<Sample> loose;
  const auto take = [&](std::string_view bytes) -> Result<void> {
    BONGSU_TRY(std::vector<Sample> samples, history::DecodeRow(bytes));
    std::ranges::copy_if(std::make_move_iterator(samples.begin()), std::make_move_iterator(samples.end()),
                         std::back_inserter(loose), [&](const Sample& sample) {
                           return Wanted(sample, where) && sample.value_class != history::ValueClass::kDeleted;
                         });
    if (loose.size() > kMostRead) return TooMuch("samples");
    return {};
  };
  store::SeriesRange range;
  if (in_order) range = {time.from, time.to, false};
  BONGSU_CHECK(state_.ReadSeries(key, range, [&](std::string_view bytes, bool sealed) -> Result<bool> {
    Head head;
    if (sealed) {
      BONGSU_TRY(head, history::DecodeHead(bytes));
    }
    const bool inside = in_order && head.summed && head.plain && (!time.from || head.first >= *time.from) &&
                        (!time.to || head.last < *time.to) && !where;
    if (inside) {
      whole.emplace_back(head, bytes);
    } else {
      BONGSU_CHECK(take(bytes));
    }
    return true;
  }));
  if (whole.empty() && loose.empty()) return std::nullopt;
  const auto at = [&](const Sample& sample) { return TimeOf(sample, time.property).value_or(sample.at()); };
  std::optional<TimePoint> origin = time.from;
  for (const auto& [head, bytes] : whole) {
    if (!time.from) origin = origin ? std::min(*origin, head.first) : head.first;
  }
  for (const Sample& sample : loose) {
    if (!time.from) origin = origin ? std::min(*origin, at(sample)) : at(sample);
  }
  history::Aggregate sums{request_.methods, request_.period, origin, time.to};
  for (const auto& [head, bytes] : whole) {
    if (sums.AddWhole(head)) continue;
    std::optional<history::Points> points;
    if (!sums.counts_distinct()) {
      BONGSU_TRY(points, history::DecodePoints(bytes));
    }
    if (points) {
      for (std::size_t i = 0; i < points->at.size(); ++i) sums.Add(points->numbers[i], FromMicros(points->at[i]));
    } else {
      BONGSU_CHECK(take(bytes));
    }
  }
  for (const Sample& sample : loose) sums.Add(sample, at(sample));
  return sums;
}

Result<bool> EvolutionReader::Matches(const std::string& id, const history::Evolution& head,
                                      const std::vector<history::SeriesKey>& series, const context::Query& query,
                                      const Whereabouts& where) const {
  context::Names names;
  context::Entity entity = EntityOf(id, query.tenant, head, names);
  std::string scratch;
  for (const auto& key : series) {
    if (key.attribute == history::kScope) continue;
    BONGSU_TRY(const std::vector<Sample> samples, Samples(key, where));
    for (const Sample& sample : samples) {
      context::Attribute& attribute = entity.attributes.emplace_back();
      attribute.name = names.Intern(key.attribute);
      attribute.created = sample.id.recorded;
      context::SetInstance(attribute, WholeInstance(sample), sample.modified, scratch);
    }
  }
  context::Query rest = query;
  rest.scope.reset();
  return rest.Matches(entity);
}

Result<std::optional<EvolutionAnswer>> EvolutionReader::Read(const store::EntityKey& key,
                                                             const context::Query* query) const {
  BONGSU_TRY(auto head, state_.EvolutionOf(key));
  if (!head) return std::nullopt;
  BONGSU_TRY(const auto series, state_.SeriesOf(key));
  if (head->cleared && series.empty()) return std::nullopt;
  const bool asks = query != nullptr && query->scope;
  std::vector<Sample> scopes;
  if (asks || ShowsScope()) {
    BONGSU_TRY(scopes, Scopes(key));
  }
  Whereabouts where;
  if (asks) {
    std::vector<Interval> found = WhereaboutsOf(scopes, *query->scope);
    if (found.empty()) return std::nullopt;
    where = std::move(found);
  }
  if (query != nullptr && (query->q || query->geo)) {
    BONGSU_TRY(const bool matches, Matches(key.id, *head, series, *query, where));
    if (!matches) return std::nullopt;
  }
  EvolutionAnswer answer{key.id, std::move(*head), {}, false};
  if (ShowsScope()) {
    SeriesAnswer shown{std::string(history::kScope), {}, ShownScopes(std::move(scopes), where), std::nullopt};
    if (!shown.samples.empty()) answer.series.push_back(std::move(shown));
  }
  for (const auto& one : series) {
    if (!Shown(one)) continue;
    answer.known_attributes = true;
    SeriesAnswer shown{one.attribute, one.dataset, {}, std::nullopt};
    if (request_.form == Form::kAggregated) {
      BONGSU_TRY(shown.aggregate, Sums(one, where));
    } else {
      BONGSU_TRY(shown.samples, Samples(one, where));
    }
    if (shown.aggregate || !shown.samples.empty()) answer.series.push_back(std::move(shown));
  }
  return answer;
}

Result<void> EvolutionReader::CheckReach(std::uint16_t first_partition, std::uint16_t last_partition) const {
  if (!request_.time.to) return {};
  TimePoint begins = TimePoint::max();
  for (std::uint16_t partition = first_partition; partition <= last_partition; ++partition) {
    BONGSU_TRY(const auto cut, state_.CutOf(partition));
    if (!cut || *request_.time.to > cut->at) return {};
    begins = std::min(begins, cut->at);
  }
  return Fail(Code::kNotFound, "ngsi.ResourceNotFound", "what was so before {} is no longer kept", FormatUtc(begins));
}

Result<bool> EvolutionReader::HasInstances(const store::EntityKey& key, const context::Query& query) const {
  BONGSU_TRY(const auto series, state_.SeriesOf(key));
  Whereabouts where;
  if (query.scope) {
    BONGSU_TRY(const auto scopes, Scopes(key));
    where = WhereaboutsOf(scopes, *query.scope);
  }
  for (const auto& one : series) {
    BONGSU_TRY(const auto samples, Samples(one, where));
    if (!samples.empty()) return true;
  }
  return false;
}

Result<EvolutionReader::Page> EvolutionReader::Find(std::uint16_t partitions, const context::Query& query,
                                                    const ngsi::Page& page, bool descending) const {
  const context::Query coarse = Coarse(query);
  std::vector<std::pair<std::string, std::uint16_t>> candidates;
  for (std::uint16_t partition = 0; partition < partitions; ++partition) {
    Result<void> bad;
    BONGSU_CHECK(state_.Evolutions(partition, query.tenant, [&](std::string_view id, std::string_view bytes) {
      const auto head = history::DecodeEvolution(bytes);
      if (!head) {
        bad = tl::unexpected<Error>(head.error());
        return false;
      }
      context::Names names;
      if (coarse.Matches(EntityOf(std::string(id), query.tenant, *head, names))) candidates.emplace_back(id, partition);
      return candidates.size() <= kMostEntities;
    }));
    BONGSU_CHECK(bad);
    if (candidates.size() > kMostEntities) return TooMuch("entities");
  }
  std::ranges::sort(candidates);
  if (descending) std::ranges::reverse(candidates);
  Page found;
  std::size_t place = 0;
  for (const auto& [id, partition] : candidates) {
    BONGSU_TRY(auto answer, Read({partition, query.tenant, id}, &query));
    if (!answer) continue;
    const bool has_attribute = std::ranges::any_of(
        answer->series, [](const SeriesAnswer& series) { return series.attribute != history::kScope; });
    if (!has_attribute) {  // pick and omit may leave id and type of an entity that has something in the span
      if (request_.as.attributes || !ShowsMembers(request_.as, *answer)) continue;
      BONGSU_TRY(const bool in_span, HasInstances({partition, query.tenant, id}, query));
      if (!in_span) continue;
    }
    const std::size_t number = place++;
    if (number >= page.offset && found.entities.size() < page.limit) {
      found.entities.push_back(std::move(*answer));
    } else if (number >= page.offset) {
      found.more = true;
      if (!page.count) break;
    }
  }
  found.total = place;
  return found;
}

}  // namespace bongsu::temporal
