// SPDX-License-Identifier: Apache-2.0
// Entities beyond memory (docs/adr/0009-entities-beyond-memory.md): how those that rest leave a shard's memory, and how
// they come back before anything is folded into them.
#include <algorithm>
#include <limits>
#include <ranges>
#include <set>

#include "know/store/live_context.hpp"

namespace bongsu::store {
namespace {

constexpr std::size_t kCoolSlice = 500;  ///< Entities looked at before other work gets a turn.
constexpr std::size_t kIntroducedTwice = 10'000;
constexpr std::size_t kReadAhead = 10'000;  ///< Held records whose entities are read at once.

EntityKey KeyOf(const context::ColdKey& key) { return {key.partition, key.tenant, key.id}; }

}  // namespace

context::ColdOptions LiveContext::ColdOf(std::size_t shard) const {
  context::ColdOptions options = options_.cold;
  if (options.memory_bytes == 0) return options;
  options.memory_bytes = std::max<std::size_t>(options.memory_bytes / shards_.size(), 1);
  options.reads = &metrics_.Counter("bongsu_context_cold_reads_total", "Entities read from the store.");
  options.evictions =
      &metrics_.Counter("bongsu_context_evictions_total", "Times the attributes of an entity left the memory.");
  const std::string label = fmt::format("shard=\"{}\"", shard);
  options.cold =
      &metrics_.Gauge("bongsu_context_cold_entities", "Entities whose attributes are in the store alone.", label);
  options.bytes = &metrics_.Gauge("bongsu_context_attribute_bytes", "What attributes take in memory.", label);
  return options;
}

void LiveContext::Part::Read(std::vector<context::ColdKey> keys, Each each, std::function<void(Result<void>)> done) {
  const auto end = [this, done](const Result<void>& read) {
    // Too large a question is the asker's, not a failure of ours.
    if (!read && read.error().code != Code::kTooLarge) live.log_.Failure("context.not_read", read.error());
    done(read);
    live.Cool(*this);
  };
  const bool taken = live.pool_.Run([this, keys = std::move(keys), each = std::move(each), end] {
    std::vector<EntityKey> wanted;
    wanted.reserve(keys.size());
    std::ranges::transform(keys, std::back_inserter(wanted), KeyOf);
    const Result<void> read = live.state_.ReadRows(wanted, each);
    live.shards_.Post(shard, [end, read] { end(read); });
  });
  if (taken) return;
  live.shards_.Post(shard, [end] {
    end(Fail(Code::kOverloaded, "state.pool_full", "too many reads of the state wait; come again later"));
  });
}

// ---- committed records behind a cold entity

/// Null when it changes no entity.
std::shared_ptr<const model::EntityPatch> LiveContext::ChangeIn(const model::Record& record) const {
  if (record.kind != model::Kind::kEntity || record.position.partition >= journal_.partitions()) return nullptr;
  const auto patch = model::PatchOf(record);
  return patch ? *patch : nullptr;
}

bool LiveContext::AllWhole(const Part& part, std::span<const model::Record* const> records) const {
  if (part.context.warmth().cold() == 0) return true;
  std::vector<context::ColdKey> cold;
  for (const model::Record* record : records) {
    if (const auto patch = ChangeIn(*record)) part.context.NoteCold(record->tenant, patch->id, cold);
  }
  return cold.empty();
}

void LiveContext::WhenWhole(std::size_t shard, std::span<const model::Record* const> records, const Onward& onward) {
  Part& part = *parts_[shard];
  if (part.held.empty() && AllWhole(part, records)) return onward(records);
  Part::Held& held = part.held.emplace_back();
  held.onward = onward;
  held.records.reserve(records.size());
  for (const model::Record* record : records) held.records.push_back(*record);
  held_.Add(records.size());
  if (on_held_) on_held_(static_cast<std::int64_t>(records.size()));
  if (!part.reading) ReadHeld(part);
}

/// Reads for all that are held now, hands them on, and again.
void LiveContext::ReadHeld(Part& part) {
  part.reading = !part.held.empty();
  if (!part.reading) return;
  std::vector<context::ColdKey> keys;
  std::size_t batches = 0;
  for (std::size_t records = 0; batches < part.held.size() && records < kReadAhead; ++batches) {
    for (const model::Record& record : part.held[batches].records) {
      if (const auto patch = ChangeIn(record)) part.context.Note(record.tenant, patch->id, keys);
      ++records;
    }
  }
  part.context.Await(std::move(keys), [this, &part, batches](const Result<void>& whole) {
    if (!whole) return shards_.After(part.shard, kReadAgain, [this, &part] { ReadHeld(part); });
    for (std::size_t i = 0; i < batches; ++i) {
      const Part::Held held = std::move(part.held.front());
      std::vector<const model::Record*> pointers;
      pointers.reserve(held.records.size());
      for (const model::Record& record : held.records) pointers.push_back(&record);
      held.onward(pointers);
      part.held.pop_front();  // only now: what comes during the call is behind it
      if (on_held_) on_held_(-static_cast<std::int64_t>(pointers.size()));
    }
    ReadHeld(part);
  });
}

// ---- the clock

void LiveContext::Cool(Part& part) {
  const context::Warmth& warmth = part.context.warmth();
  if (!warmth.over() || part.cooling) return;
  // What came from the store since is worth another round even before the next save.
  if (part.stuck && warmth.bytes() < part.stuck_bytes + warmth.options().memory_bytes / 16) return;
  part.cooling = true;
  shards_.Post(part.shard, [this, &part] { CoolSlice(part); });
}

void LiveContext::CoolSlice(Part& part) {
  const auto cooled = part.context.Cool(
      kCoolSlice, [&](const context::Entity& entity) { return part.saver.Saved(entity.tenant, entity.id); });
  if (cooled == context::Warmth::Cooled::kMore) return shards_.Post(part.shard, [this, &part] { CoolSlice(part); });
  part.cooling = false;
  part.stuck = cooled == context::Warmth::Cooled::kStuck;
  part.stuck_bytes = part.context.warmth().bytes();
}

// ---- before the shards start

void LiveContext::Introduce(Part& part, const context::Entity& entity) {
  context::SharedView view = part.replica.See(entity);
  if (view) Introduce(part, Touch{entity.tenant, {}, std::move(view)});  // else known as it is
}

/// Of an entity that comes up again and again only the last counts: there are never many more than entities.
void LiveContext::Introduce(Part& part, Touch touch) {
  part.introduced.push_back(std::move(touch));
  if (part.introduced.size() <= 2 * part.context.size() + kIntroducedTwice) return;
  const auto key = [](const Touch& one) {
    return std::pair<std::uint16_t, std::string_view>{one.tenant, one.view ? one.view->entity.id : one.id};
  };
  std::set<std::pair<std::uint16_t, std::string_view>> later;
  std::vector<Touch> last;
  for (Touch& one : std::views::reverse(part.introduced)) {
    if (later.insert(key(one)).second) last.push_back(one);
  }
  part.introduced = std::move(last);  // one of each: their order does not matter
}

/// What was folded since the last save may not go: it is saved first. When that fails there is more in memory than
/// there should be, until a later save.
void LiveContext::CoolHere(Part& part) {
  const auto cool = [&] {
    return part.context.Cool(
        std::numeric_limits<std::size_t>::max(),
        [&](const context::Entity& entity) { return part.saver.Saved(entity.tenant, entity.id); },
        [&](const context::Entity& entity) { Introduce(part, entity); });
  };
  if (part.stuck || cool() != context::Warmth::Cooled::kStuck) return;
  part.saver.SaveHere();
  part.stuck = cool() == context::Warmth::Cooled::kStuck;  // it could not be saved
}

Result<void> LiveContext::WholeHere(Part& part, std::uint16_t tenant, const std::string& id) {
  std::vector<context::ColdKey> cold;
  part.context.NoteCold(tenant, id, cold);
  if (cold.empty()) return {};
  const EntityKey key = KeyOf(cold.front());
  BONGSU_CHECK(state_.ReadRows(
      {&key, 1}, [&](std::size_t, std::string_view bytes) { return part.context.TakeBack(cold.front(), bytes); }));
  std::vector<context::ColdKey> still;
  part.context.NoteCold(tenant, id, still);
  if (!still.empty()) return Fail(Code::kCorrupt, "state.read", "there is no row of {}", id);
  return {};
}

}  // namespace bongsu::store
