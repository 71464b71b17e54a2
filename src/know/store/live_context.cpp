// SPDX-License-Identifier: Apache-2.0
#include "know/store/live_context.hpp"

#include <algorithm>
#include <atomic>

#include "runtime/side_by_side.hpp"

namespace bongsu::store {
namespace {

const Error kPoolFull{Code::kOverloaded, "state.pool_full", "too many reads of the past wait; come again later"};

using runtime::SideBySide;

constexpr std::size_t kSaves = 4;  ///< A shard: what it writes, cuts or takes down at once is less.

}  // namespace

LiveContext::Part::Part(std::size_t number, LiveContext& owner)
    : shard{number},
      live{owner},
      context{live.IndexesOf(shard), live.ColdOf(shard)},
      replica{live.options_.replica},
      saver{shard, live.shards_, live.saving_, context, live.state_, live.metrics_, live.log_, live.options_.saver} {
  context.set_cold_store(this);
  saver.set_after_save([this] {
    stuck = false;
    live.Cool(*this);
  });
  context.set_before_change([this](std::uint16_t tenant, std::string_view id, const context::Entity* entity) {
    saver.BeforeChange(tenant, id, entity);
    history::Look(entity, before);
  });
}

LiveContext::LiveContext(runtime::Shards& shards, runtime::BlockingPool& pool, const journal::JournalPort& journal,
                         StatePort& state, Metrics& metrics, Log log, LiveOptions options)
    : shards_{shards},
      pool_{pool},
      saving_{1, kSaves * shards.size()},
      journal_{journal},
      state_{state},
      metrics_{metrics},
      log_{log},
      options_{std::move(options)},
      folded_{metrics.Counter("bongsu_context_folded_total", "Entity changes folded into the live context.")},
      skipped_{metrics.Counter("bongsu_context_skipped_total", "Entity records whose payload could not be read.")},
      entities_{
          metrics.Gauge("bongsu_context_entities_recovered", "Entities in the live context after the last start.")},
      held_{metrics.Counter("bongsu_context_held_records_total",
                            "Committed records that waited until an entity was read from the store.")} {
  for (std::size_t shard = 0; shard < shards.size(); ++shard) parts_.push_back(std::make_unique<Part>(shard, *this));
}

LiveContext::~LiveContext() { saving_.Stop(); }

context::IndexOptions LiveContext::IndexesOf(std::size_t shard) const {
  context::IndexOptions options = options_.indexes;
  options.max_entries /= shards_.size();
  options.made =
      &metrics_.Counter("bongsu_context_indexes_made_total", "Indexes of values made because they were missed.");
  options.given_up = &metrics_.Counter("bongsu_context_indexes_given_up_total",
                                       "Indexes of values that nobody asked or that had no room.");
  options.entries = &metrics_.Gauge("bongsu_context_index_entries", "Entries of all indexes of values.",
                                    fmt::format("shard=\"{}\"", shard));
  return options;
}

std::size_t LiveContext::OwnerOf(std::uint16_t tenant, std::string_view id) const {
  return shards_.ShardOf(model::PartitionOf(tenant, id, journal_.partitions()));
}

Result<void> LiveContext::RecoverPartition(std::uint16_t partition, Recovered& report) {
  Part& part = *parts_[shards_.ShardOf(partition)];
  context::Context& owner = part.context;
  BONGSU_TRY(const std::uint64_t applied, state_.AppliedSeq(partition));
  const auto range = journal_.RangeOf(partition);
  if (applied > range.last_seq) {
    return Fail(Code::kCorrupt, "store.ahead", "the state of partition {} stands for record {}, the journal ends at {}",
                partition, applied, range.last_seq);
  }
  if (range.last_seq > 0 && applied + 1 < range.first_seq) {
    return Fail(Code::kCorrupt, "store.behind",
                "the state of partition {} stands for record {}, the journal begins at {}", partition, applied,
                range.first_seq);
  }
  BONGSU_CHECK(state_.ReadEntities(partition, [&](std::string_view bytes, std::uint8_t changes) -> Result<void> {
    BONGSU_TRY(context::Entity entity, context::Decode(bytes, owner.names()));
    entity.changes = changes;
    owner.Load(std::move(entity));
    if (owner.warmth().over()) CoolHere(part);
    ++report.entities;
    return {};
  }));
  owner.SetApplied(partition, applied);
  Result<void> folded;
  BONGSU_CHECK(journal_.Read(partition, applied + 1, [&](const model::Record& record) {
    if (++report.records % 10'000 == 0) part.stuck = false;
    folded = FoldHere(part, record);
    return folded.has_value();
  }));
  return folded;
}

/// While nothing runs yet: reads what it needs at once.
Result<void> LiveContext::FoldHere(Part& part, const model::Record& record) {
  const auto patch = record.kind == model::Kind::kEntity ? model::EntityPatchFromRecord(record)
                                                         : Result<model::EntityPatch>{model::EntityPatch{}};
  if (record.kind != model::Kind::kEntity || !patch) {
    part.context.Apply(record);
    return {};
  }
  BONGSU_CHECK(WholeHere(part, record.tenant, patch->id));
  const context::Change change = Fold(part, record, *patch);
  if (!part.context.warmth().bounded()) return {};
  if (change == context::Change::kDeleted) Introduce(part, Touch{record.tenant, patch->id, nullptr});
  if (part.context.warmth().over()) CoolHere(part);
  return {};
}

Result<void> LiveContext::RecoverShard(std::size_t shard, Recovered& report) {
  for (std::uint16_t partition = 0; partition < journal_.partitions(); ++partition) {
    if (shards_.ShardOf(partition) == shard) BONGSU_CHECK(RecoverPartition(partition, report));
  }
  Part& part = *parts_[shard];
  part.introduced.reserve(part.context.size());
  part.context.ForEach([&](const context::Entity& entity) {
    if (entity.cold == 0) Introduce(part, entity);  // a cold one was introduced when it went
  });
  return {};
}

Result<Recovered> LiveContext::Recover() {
  const auto begin = std::chrono::steady_clock::now();
  struct OfShard {
    Result<void> result;
    Recovered report;
  };
  std::vector<OfShard> all(parts_.size());
  SideBySide(all.size(), [&](std::size_t shard) {
    OfShard& own = all[shard];
    own.result = RecoverShard(shard, own.report);
  });
  Recovered report;
  std::size_t entities = 0;
  for (std::size_t shard = 0; shard < all.size(); ++shard) {
    BONGSU_CHECK(all[shard].result);
    report.entities += all[shard].report.entities;
    report.records += all[shard].report.records;
    entities += parts_[shard]->context.size();
  }
  SideBySide(all.size(), [&](std::size_t shard) {
    for (const auto& from : parts_) {
      for (const Touch& touch : from->introduced) touch.Into(parts_[shard]->replica);
    }
  });
  for (const auto& part : parts_) part->introduced = {};
  report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  entities_.Set(static_cast<double>(entities));
  return report;
}

void LiveContext::Start() {
  for (const auto& part : parts_) part->saver.Start();
}

std::vector<context::Context*> LiveContext::contexts() {
  std::vector<context::Context*> all;
  all.reserve(parts_.size());
  for (const auto& part : parts_) all.push_back(&part->context);
  return all;
}

context::Change LiveContext::Fold(Part& part, const model::Record& record, const model::EntityPatch& patch) {
  if (record.position.seq <= part.context.applied_seq(record.position.partition)) return context::Change::kNothing;
  const context::Change change = part.context.Apply(record, patch);
  part.saver.Note(record, patch, change, part.before, part.context.touched());
  return change;
}

void LiveContext::Touch::Into(context::Replica& replica) const {
  if (view) {
    replica.Put(tenant, view);
  } else {
    replica.Remove(tenant, id);
  }
}

void LiveContext::OnCommitted(std::size_t shard, std::span<const model::Record* const> records) {
  Part& part = *parts_[shard];
  std::vector<Touch> touching;
  for (const model::Record* record : records) {
    if (record->position.partition >= journal_.partitions()) continue;
    if (record->kind != model::Kind::kEntity) {
      part.context.Apply(*record);
      continue;
    }
    const auto patch = model::PatchOf(*record);
    if (!patch) {
      skipped_.Add();
      part.context.Apply(*record);  // moves its position on
      continue;
    }
    folded_.Add();
    const std::string& id = (*patch)->id;
    const context::Change change = Fold(part, *record, **patch);
    if (change == context::Change::kNothing) continue;
    Touch touch{record->tenant, {}, nullptr};
    if (change == context::Change::kDeleted) {
      touch.id = id;
    } else {
      touch.view = part.replica.See(*part.context.touched());
      if (!touch.view) continue;
    }
    touch.Into(part.replica);
    if (parts_.size() > 1) touching.push_back(std::move(touch));
  }
  if (!touching.empty()) Forward(shard, std::move(touching));
  Cool(part);
}

void LiveContext::Forward(std::size_t from, std::vector<Touch> touching) {
  const auto shared = std::make_shared<const std::vector<Touch>>(std::move(touching));
  for (std::size_t to = 0; to < parts_.size(); ++to) {
    if (to == from) continue;
    shards_.Post(to, [this, to, shared] {
      for (const Touch& touch : *shared) touch.Into(parts_[to]->replica);
    });
  }
}

void LiveContext::AsOf(std::uint16_t tenant, const std::string& id, TimePoint as_of,
                       const std::function<void(Result<std::shared_ptr<const PastEntity>>)>& done) {
  const std::size_t owner = OwnerOf(tenant, id);
  const auto read = [this, owner, tenant, id, as_of, done](const StatePort& state) {
    const EntityKey key{model::PartitionOf(tenant, id, journal_.partitions()), tenant, id};
    auto past = EntityAsOf(state, journal_, key, as_of);
    auto answer = past ? Result<std::shared_ptr<const PastEntity>>{std::make_shared<const PastEntity>(std::move(*past))}
                       : Result<std::shared_ptr<const PastEntity>>{tl::unexpected<Error>(past.error())};
    shards_.Post(owner, [done, answer = std::move(answer)] { done(answer); });
  };
  ReadHistory(tenant, id, read, [done](const Error& error) { done(tl::unexpected<Error>(error)); });
}

void LiveContext::ReadHistory(std::uint16_t tenant, const std::string& id, const Read& read, const Refused& refused) {
  const std::size_t owner = OwnerOf(tenant, id);
  shards_.Post(owner, [this, owner, tenant, id, read, refused] {
    const auto run = [this, read, refused](const Result<void>& saved) {
      if (!saved) return refused(saved.error());
      if (!pool_.Run([this, read] { read(state_); })) refused(kPoolFull);
    };
    // Most entities were saved long ago: only one that changed in the last second waits.
    if (parts_[owner]->saver.Clean(tenant, id)) return run({});
    parts_[owner]->saver.Flush(run);
  });
}

void LiveContext::ReadHistory(const Read& read, const Refused& refused) {
  FlushAll([this, read, refused](const Result<void>& saved) {
    if (!saved) return refused(saved.error());
    if (!pool_.Run([this, read] { read(state_); })) refused(kPoolFull);
  });
}

void LiveContext::ListAsOf(std::uint16_t tenant, TimePoint as_of, std::size_t limit, Wanted wanted, ListDone done) {
  const std::size_t here = shards_.Current() < shards_.size() ? shards_.Current() : 0;
  FlushAll([this, here, tenant, as_of, limit, wanted = std::move(wanted),
            done = std::move(done)](const Result<void>& saved) {
    if (!saved) return shards_.Post(here, [done, error = saved.error()] { done(tl::unexpected<Error>(error)); });
    const bool taken = pool_.Run([this, here, tenant, as_of, limit, wanted, done] {
      using Answer = Result<std::vector<std::shared_ptr<const PastEntity>>>;
      std::vector<std::shared_ptr<const PastEntity>> all;
      Answer answer;
      for (std::uint16_t partition = 0; partition < journal_.partitions() && answer; ++partition) {
        auto part = EntitiesAsOf(state_, journal_, partition, tenant, as_of, limit, wanted);
        if (!part) {
          answer = tl::unexpected<Error>(part.error());
          break;
        }
        for (auto& past : *part) all.push_back(std::make_shared<const PastEntity>(std::move(past)));
      }
      if (answer) {
        std::ranges::sort(all, {}, [](const auto& past) -> const std::string& { return past->entity->id; });
        if (all.size() > limit) all.resize(limit);
        answer = std::move(all);
      }
      shards_.Post(here, [done, answer = std::move(answer)] { done(answer); });
    });
    if (!taken) done(tl::unexpected<Error>(kPoolFull));
  });
}

void LiveContext::OnEach(const std::function<void(std::size_t shard)>& work, const std::function<void()>& then) {
  const auto left = std::make_shared<std::atomic<std::size_t>>(parts_.size());
  for (std::size_t shard = 0; shard < parts_.size(); ++shard) {
    shards_.Post(shard, [shard, left, work, then] {
      work(shard);
      if (left->fetch_sub(1, std::memory_order_acq_rel) == 1) then();
    });
  }
}

/// What one shard still has to give to the replicas.
struct LiveContext::Filling {
  std::vector<std::pair<std::uint16_t, std::string>> entities;
  std::size_t next = 0;
  std::function<void()> done;
};

void LiveContext::Widen(std::vector<std::string> attributes, std::function<void()> done) {
  const auto wanted = std::make_shared<const std::vector<std::string>>(std::move(attributes));
  const auto fresh = std::make_shared<std::vector<std::vector<std::string>>>(parts_.size());
  // All replicas are wide before any shard looks what to give: what changes later is forwarded to them as always.
  OnEach([this, wanted, fresh](std::size_t shard) { (*fresh)[shard] = parts_[shard]->replica.Widen(*wanted); },
         [this, fresh, done = std::move(done)] {
           if (fresh->front().empty()) return done();  // they are all the same
           const auto left = std::make_shared<std::atomic<std::size_t>>(parts_.size());
           OnEach(
               [this, fresh, left, done](std::size_t shard) {
                 const auto filling = std::make_shared<Filling>();
                 filling->done = [left, done] {
                   if (left->fetch_sub(1, std::memory_order_acq_rel) == 1) done();
                 };
                 parts_[shard]->context.ForEach([&](const context::Entity& entity) {
                   bool has = false;
                   parts_[shard]->context.warmth().EachAttribute(entity, [&](context::Name name, auto) {
                     has = has || std::ranges::find((*fresh)[shard], *name) != (*fresh)[shard].end();
                   });
                   if (has) filling->entities.emplace_back(entity.tenant, entity.id);
                 });
                 FillReplicas(shard, filling);
               },
               [] {});
         });
}

/// A cut that is under way.
struct LiveContext::Cutting {
  std::uint16_t partition = 0;
  HistoryCut cut;
  std::function<void(Result<void>)> done;
  std::string after;  ///< Entity it goes on behind; of the work that runs alone.
  bool over = false;
};

void LiveContext::CutHistory(std::uint16_t partition, const HistoryCut& cut,
                             const std::function<void(Result<void>)>& done) {
  const auto cutting = std::make_shared<Cutting>(Cutting{partition, cut, done, {}, false});
  cutting->cut.dropped = false;
  const std::size_t shard = shards_.ShardOf(partition);
  shards_.Post(shard, [this, shard, cutting] {
    // The rows of every change up to the cut are there first.
    parts_[shard]->saver.Flush([this, shard, cutting](const Result<void>& saved) {
      if (!saved) return cutting->done(saved);
      const auto set = [this, cutting]() -> Result<void> {
        BONGSU_TRY(const std::uint64_t applied, state_.AppliedSeq(cutting->partition));
        if (applied < cutting->cut.seq)
          return Fail(Code::kUnavailable, "store.cut_not_saved", "partition {} is saved up to {}, the cut is at {}",
                      cutting->partition, applied, cutting->cut.seq);
        return state_.SetCut(cutting->partition, cutting->cut);
      };
      parts_[shard]->saver.Alone(set, [this, cutting](const Result<void>& done) {
        if (!done) return cutting->done(done);
        CutNext(cutting);
      });
    });
  });
}

void LiveContext::CutNext(const std::shared_ptr<Cutting>& cutting) {
  constexpr std::size_t kSlice = 200;  // entities
  const auto drop = [this, cutting]() -> Result<void> {
    const std::uint16_t partition = cutting->partition;
    BONGSU_TRY(cutting->after, state_.DropBeforeCut(partition, cutting->after, kSlice, WholeCopyFrom(journal_)));
    cutting->over = cutting->after.empty();
    if (!cutting->over) return {};
    cutting->cut.dropped = true;
    return state_.SetCut(partition, cutting->cut);
  };
  parts_[shards_.ShardOf(cutting->partition)]->saver.Alone(drop, [this, cutting](const Result<void>& done) {
    if (!done || cutting->over) return cutting->done(done);
    CutNext(cutting);
  });
}

/// A slice of entities to all replicas, as they are now; the next one when they have it. Both these and the changes of
/// an entity come from its owner in their order, so a replica ends with the newest.
void LiveContext::FillReplicas(std::size_t from, const std::shared_ptr<Filling>& filling) {
  constexpr std::size_t kSlice = 500;
  const std::size_t end = std::min(filling->next + kSlice, filling->entities.size());
  std::vector<context::ColdKey> cold;
  for (std::size_t i = filling->next; i < end; ++i)
    parts_[from]->context.Note(filling->entities[i].first, filling->entities[i].second, cold);
  parts_[from]->context.Await(std::move(cold), [this, from, filling, end](const Result<void>& whole) {
    if (whole) return FillSlice(from, filling, end);
    log_.Failure("context.not_read", whole.error());
    shards_.After(from, kReadAgain, [this, from, filling] { FillReplicas(from, filling); });
  });
}

void LiveContext::FillSlice(std::size_t from, const std::shared_ptr<Filling>& filling, std::size_t end) {
  std::vector<Touch> slice;
  while (filling->next < end) {
    const auto& [tenant, id] = filling->entities[filling->next++];
    const context::Entity* entity = parts_[from]->context.Find(tenant, id);
    context::SharedView view = entity != nullptr ? parts_[from]->replica.See(*entity) : nullptr;
    if (!view) continue;
    slice.push_back({tenant, {}, std::move(view)});
    slice.back().Into(parts_[from]->replica);
  }
  const bool last = filling->next == filling->entities.size();
  if (!slice.empty()) Forward(from, std::move(slice));
  OnEach([](std::size_t) {},  // all shards have the slice when this came round
         [this, from, filling, last] {
           if (last) return filling->done();
           shards_.Post(from, [this, from, filling] { FillReplicas(from, filling); });
         });
}

void LiveContext::FlushAll(const std::function<void(const Result<void>& saved)>& done) {
  struct Round {
    std::vector<Result<void>> saved;  // each slot written by its own shard
    std::atomic<std::size_t> left;
  };
  const auto round = std::make_shared<Round>();
  round->saved.resize(parts_.size());
  round->left = parts_.size();
  for (std::size_t shard = 0; shard < parts_.size(); ++shard) {
    shards_.Post(shard, [this, shard, round, done] {
      parts_[shard]->saver.Flush([shard, round, done](const Result<void>& saved) {
        round->saved[shard] = saved;
        if (round->left.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
        const auto failed = std::ranges::find_if(round->saved, [](const Result<void>& one) { return !one; });
        done(failed == round->saved.end() ? Result<void>{} : *failed);
      });
    });
  }
}

}  // namespace bongsu::store
