// SPDX-License-Identifier: Apache-2.0
#include "kept_model.hpp"

#include <algorithm>

#include "know/context/patch.hpp"
#include "know/history/change.hpp"
#include "know/history/fold.hpp"
#include "know/store/past.hpp"
#include "model/envelope.hpp"

namespace bongsu::crash {
namespace {

constexpr int kLooks = 400;  // at random times

std::uint64_t HashOf(const model::Record& record) {
  std::string envelope;
  (void)model::EncodeEnvelope(envelope, record);
  return Hash64(envelope);
}

/// All that is said of an entity; where it lies is not. Empty: it is not there.
std::string TextOf(const std::unique_ptr<context::Entity>& entity) {
  if (!entity) return {};
  context::Entity said = *entity;
  said.partition = 0;
  return context::Encode(said);
}

/// The value of an attribute as JSON.
std::string ValueOf(const context::Attribute& attribute) {
  return json::ToString(json::Parse(attribute.json).value()["value"]);
}

}  // namespace

void KeptModel::Fold(const model::Record& record) {
  if (record.kind != model::Kind::kEntity) return;
  const auto patch = model::EntityPatchFromRecord(record).value();
  Thing& thing = things_[patch.id];
  thing.partition = record.position.partition;
  std::vector<std::string> before;
  if (thing.now)
    for (const auto& attribute : thing.now->attributes) before.emplace_back(*attribute.name);
  context::ApplyPatch(thing.now, patch, record.ingest_time, names_);
  thing.past.emplace_back(record.ingest_time, TextOf(thing.now));
  if (!thing.now) {
    for (const auto& name : before) thing.samples[name].emplace_back(record.ingest_time, "");
    return;
  }
  for (const auto& attribute : thing.now->attributes) {
    if (attribute.modified == record.ingest_time)
      thing.samples[std::string(*attribute.name)].emplace_back(record.ingest_time, ValueOf(attribute));
  }
}

std::string KeptModel::TakeIn(const journal::JournalPort& journal) {
  for (std::uint16_t partition = 0; partition < kPartitions; ++partition) {
    auto& known = journal_[partition];
    const journal::Range range = journal.RangeOf(partition);
    if (range.last_seq < known.size())
      return fmt::format("partition {} ends at {}, it had {}", partition, range.last_seq, known.size());
    if (range.first_seq > known.size() + 1)
      return fmt::format("partition {} begins at {}, records behind {} were never looked at", partition,
                         range.first_seq, known.size());
    const auto read = journal.Read(partition, known.size() + 1, [&](const model::Record& record) {
      if (record.position.seq != known.size() + 1) return false;
      known.push_back({record.ingest_time, HashOf(record)});
      Fold(record);
      return true;
    });
    if (!read) return read.error().message;
    if (known.size() != range.last_seq)
      return fmt::format("partition {} has a hole at {}", partition, known.size() + 1);
  }
  return {};
}

std::string KeptModel::CompareJournal(const journal::JournalPort& journal, TimePoint young) const {
  for (std::uint16_t partition = 0; partition < kPartitions; ++partition) {
    const auto& known = journal_[partition];
    const std::uint64_t first = journal.RangeOf(partition).first_seq;
    if (first > 1 && first <= known.size() + 1 && known[first - 2].at >= young)
      return fmt::format("partition {}: record {} of {} left, it was to be kept from {} on", partition, first - 1,
                         FormatUtc(known[first - 2].at), FormatUtc(young));
    std::uint64_t next = first;
    const auto read = journal.Read(partition, first, [&](const model::Record& record) {
      if (record.position.seq != next || next > known.size() || HashOf(record) != known[next - 1].hash) return false;
      ++next;
      return true;
    });
    if (!read) return read.error().message;
    if (next != known.size() + 1)
      return fmt::format("partition {}: record {} is gone or not as it was", partition, next);
  }
  return {};
}

std::string KeptModel::CompareAsOf(const KeptHouse& house, const std::string& id, const Thing& thing,
                                   TimePoint at) const {
  const auto past = store::EntityAsOf(*house.state, *house.journal, {thing.partition, 0, id}, at);
  if (!past) return fmt::format("{} as of {}: {}", id, FormatUtc(at), past.error().message);
  const auto after = std::ranges::upper_bound(thing.past, at, {}, [](const auto& one) { return one.first; });
  const std::string should = after == thing.past.begin() ? "" : std::prev(after)->second;
  const std::string is = TextOf(past->entity);
  if (is != should)
    return fmt::format("{} as of {} has {} bytes that are not the {} that were told", id, FormatUtc(at), is.size(),
                       should.size());
  return {};
}

std::string KeptModel::CompareSamples(const KeptHouse& house, const std::string& id, const Thing& thing,
                                      TimePoint cut) const {
  const auto all = house.state->SeriesOf({thing.partition, 0, id});
  if (!all) return fmt::format("series of {}: {}", id, all.error().message);
  std::map<std::string, std::vector<std::pair<TimePoint, std::string>>> is;
  for (const auto& series : *all) {
    if (series.attribute == history::kScope) continue;  // its last one before the cut is still so
    auto& samples = is[series.attribute];
    const auto read = house.state->ReadSeries(series, {}, [&](std::string_view row, bool) -> Result<bool> {
      BONGSU_TRY(const auto more, history::DecodeRow(row));
      for (const auto& sample : more)
        samples.emplace_back(sample.at(), sample.value_class == history::ValueClass::kDeleted ? "" : sample.text);
      return true;
    });
    if (!read) return fmt::format("samples of {}: {}", id, read.error().message);
    std::ranges::sort(samples);
    if (samples.empty()) is.erase(series.attribute);
  }
  auto should = thing.samples;
  for (auto& [name, samples] : should) std::erase_if(samples, [&](const auto& one) { return one.first < cut; });
  std::erase_if(should, [](const auto& series) { return series.second.empty(); });
  if (is == should) return {};
  std::size_t count = 0;
  std::size_t wanted = 0;
  for (const auto& series : is) count += series.second.size();
  for (const auto& series : should) wanted += series.second.size();
  return fmt::format("{}: {} instances from {} on, they are not the {} that were told", id, count, FormatUtc(cut),
                     wanted);
}

std::string KeptModel::ComparePast(const KeptHouse& house, std::mt19937_64& random) const {
  std::vector<TimePoint> cuts(kPartitions);
  for (std::uint16_t partition = 0; partition < kPartitions; ++partition) {
    const auto cut = house.state->CutOf(partition);
    if (!cut) return cut.error().message;
    cuts[partition] = cut->value_or(store::HistoryCut{}).at;
  }
  std::vector<const std::pair<const std::string, Thing>*> things;
  things.reserve(things_.size());
  for (const auto& thing : things_) things.push_back(&thing);
  if (things.empty()) return "nothing was ever told";
  for (const auto* thing : things) {
    const TimePoint cut = cuts[thing->second.partition];
    auto wrong = CompareAsOf(house, thing->first, thing->second, cut);
    if (wrong.empty()) wrong = CompareSamples(house, thing->first, thing->second, cut);
    if (!wrong.empty()) return wrong;
  }
  for (int look = 0; look < kLooks; ++look) {
    const auto& [id, thing] = *things[random() % things.size()];
    const TimePoint cut = cuts[thing.partition];
    const auto& [at, bytes] = thing.past[random() % thing.past.size()];
    if (at >= cut) {
      if (auto wrong = CompareAsOf(house, id, thing, at); !wrong.empty()) return wrong;
    } else if (const auto past = store::EntityAsOf(*house.state, *house.journal, {thing.partition, 0, id}, at); past) {
      return fmt::format("{} as of {} is still told, its past begins at {}", id, FormatUtc(at), FormatUtc(cut));
    }
  }
  return {};
}

bool KeptModel::Has(const Told& told) const {
  const auto& known = journal_[told.partition];
  return told.seq >= 1 && told.seq <= known.size() && known[told.seq - 1].hash == told.hash;
}

TimePoint KeptModel::newest() const {
  TimePoint newest{};
  for (const auto& known : journal_)
    if (!known.empty()) newest = std::max(newest, known.back().at);
  return newest;
}

std::size_t KeptModel::records() const {
  std::size_t count = 0;
  for (const auto& known : journal_) count += known.size();
  return count;
}

}  // namespace bongsu::crash
