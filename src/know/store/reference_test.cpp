// SPDX-License-Identifier: Apache-2.0
// Random operations on the live context against the reference model: state, indexes, instances in time and the past,
// across saves that fail, restarts that saved nothing and other numbers of shards; once more with so little memory that
// most entities are in the store alone. A failure prints its seed and the operations that are left when all that do
// not matter are taken out. BONGSU_REFERENCE_SEQUENCES asks for more.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <future>
#include <random>
#include <set>

#include "know/journal/memory_journal_fake.hpp"
#include "know/store/live_context.hpp"
#include "know/store/reference_model_fake.hpp"
#include "know/store/refusing_state_fake.hpp"
#include "know/store/rocks_state.hpp"

namespace bongsu::store {
namespace {

using Kind = Operation::Kind;
constexpr int kEntities = 5;
constexpr int kAttributes = 4;
constexpr std::uint16_t kPartitions = 4;

struct Running {
  Running(const std::string& folder, const journal::JournalPort& journal, std::size_t count, std::size_t memory_bytes)
      : shards{count},
        pool{2, 100},
        rocks{RocksState::Open({folder, false, 1 << 20}).value()},
        state{*rocks},
        live{shards,
             pool,
             journal,
             state,
             metrics,
             Log{Log::Level::kOff},
             {{}, {std::chrono::hours{1}, 2, 2'000'000, 4}, {.declared = {"x:n1"}}, {.memory_bytes = memory_bytes}}},
        recovered{live.Recover()} {
    shards.Start();
  }
  ~Running() {
    pool.Stop();
    shards.Stop();
  }
  void On(std::size_t shard, const std::function<void()>& work) {
    std::promise<void> done;
    shards.Post(shard, [&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }
  /// With all entities whole.
  void OnWhole(std::size_t shard, const std::function<void()>& work) {
    std::promise<Result<void>> done;
    shards.Post(shard, [&] {
      context::Context& context = live.context(shard);
      std::vector<context::ColdKey> cold;
      context.ForEach([&](const context::Entity& entity) { context.Note(entity.tenant, entity.id, cold); });
      context.Await(std::move(cold), [&](const Result<void>& whole) {
        if (whole) work();
        done.set_value(whole);
      });
    });
    EXPECT_TRUE(done.get_future().get());
  }
  void Flush() {
    std::promise<void> done;
    live.FlushAll([&](const Result<void>&) { done.set_value(); });
    done.get_future().wait();
  }
  Metrics metrics;
  runtime::Shards shards;
  runtime::BlockingPool pool;
  std::unique_ptr<RocksState> rocks;
  RefusingState state;
  LiveContext live;
  Result<Recovered> recovered;
};

/// Everything one sequence needs. What goes wrong first is in `wrong`.
class World {
 public:
  explicit World(std::size_t memory_bytes) : memory_bytes_{memory_bytes} {
    std::string pattern = (std::filesystem::temp_directory_path() / "bongsu-reference-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    if (!journal_.Claim(now_)) wrong = "claim";
    Start();
  }
  ~World() {
    running_.reset();
    std::filesystem::remove_all(folder_);
    std::filesystem::remove_all(CopyFolder());
  }

  void Run(const std::vector<Operation>& operations) {
    for (const Operation& operation : operations) {
      Step(operation);
      if (!wrong.empty()) return;
    }
    Deliver();
    Check();
  }
  std::string wrong;

 private:
  void Start() {
    constexpr std::array<std::size_t, 3> kShards{1, 2, 4};
    running_ = std::make_unique<Running>(folder_, journal_, kShards.at(starts_++ % kShards.size()), memory_bytes_);
    if (!running_->recovered) wrong = running_->recovered.error().message;
  }

  void Step(const Operation& operation) {
    if (operation.kind == Kind::kRefuse) return running_->state.Refuse(operation.value % 6);
    if (operation.kind == Kind::kSave) {
      Deliver();
      return running_->Flush();
    }
    if (operation.kind == Kind::kRetain) {
      Deliver();
      return Retain(operation);
    }
    if (operation.kind == Kind::kRestart) {
      Deliver();
      if (operation.value % 3 == 0) Check();
      running_.reset();
      return Start();
    }
    now_ += std::chrono::seconds{1};
    const auto patch = model_.Apply(operation, now_, kPartitions);
    if (!patch) return;
    model::Record record = model::ToRecord(*patch, 0, now_, "test", kPartitions);
    record.position.seq = journal_.RangeOf(record.position.partition).last_seq + 1;
    record.ingest_time = now_;
    if (journal_.Append({&record, 1}).outcome != journal::Outcome::kDurable) wrong = "append";
    waiting_.push_back(std::move(record));
    if (!operation.held_back) Deliver();
  }

  std::string CopyFolder() const { return folder_ + ".copy"; }

  TimePoint CutAt(std::uint16_t partition) const {
    const auto cut = running_->state.CutOf(partition);
    return cut && *cut ? (*cut)->at : TimePoint{};
  }
  TimePoint CutOf(const std::string& id) const { return CutAt(model::PartitionOf(0, id, kPartitions)); }

  /// As the keeper does it: the past begins later, a copy of the state, the journal begins later.
  void Retain(const Operation& operation) {
    std::vector<HistoryCut> cuts(kPartitions);
    for (std::uint16_t partition = 0; partition < kPartitions; ++partition) {
      const auto range = journal_.RangeOf(partition);
      const auto most = static_cast<int>(range.last_seq - range.first_seq);
      if (most < 1) continue;
      const std::uint64_t seq = range.first_seq + static_cast<std::uint64_t>((operation.value + partition) % most);
      const HistoryCut cut{seq, journal_.At({partition, seq})->ingest_time, true};
      std::promise<Result<void>> done;
      running_->live.CutHistory(partition, cut, [&](const Result<void>& result) { done.set_value(result); });
      if (done.get_future().get()) cuts.at(partition) = cut;
    }
    std::filesystem::remove_all(CopyFolder());
    if (!running_->rocks->CopyTo(CopyFolder())) wrong = "copy";
    for (std::uint16_t partition = 0; partition < kPartitions; ++partition) {
      const HistoryCut& cut = cuts.at(partition);
      if (!cut.dropped) continue;
      if (CutAt(partition) != cut.at) wrong = "the past does not begin at its cut";
      if (!journal_.Trim(partition, cut.seq + 1)) wrong = "trim";
    }
  }

  void Deliver() {
    std::vector<std::vector<const model::Record*>> parts(running_->shards.size());
    for (const auto& record : waiting_) parts[running_->shards.ShardOf(record.position.partition)].push_back(&record);
    for (std::size_t shard = 0; shard < parts.size(); ++shard) {
      std::promise<void> folded;
      running_->shards.Post(shard, [&] {
        running_->live.WhenWhole(shard, parts[shard], [&](std::span<const model::Record* const> whole) {
          running_->live.OnCommitted(shard, whole);
          folded.set_value();
        });
      });
      folded.get_future().wait();
    }
    waiting_.clear();
  }

  void Check() {
    Compare("entities", EntitiesText(), ModelText(model_.entities()));
    CompareQueries();
    while (running_->state.refuses()) running_->Flush();
    running_->Flush();
    CompareHash();
    CompareSamples();
    for (const TimePoint time : model_.times()) ComparePast(time);
  }

  void CompareHash() {
    std::unique_ptr<RocksState> base;
    if (std::filesystem::exists(CopyFolder())) base = RocksState::Open({CopyFolder(), true, 1 << 20}).value();
    const auto verified = VerifyState(running_->state, journal_, base.get());
    if (!verified) wrong = verified.error().message;
    if (verified && !verified->equal) wrong = "the saved state is not the fold of the journal";
  }

  void Compare(const std::string& what, const std::string& is, const std::string& should) {
    if (wrong.empty() && is != should) wrong = fmt::format("{}\n is:\n{}\n should be:\n{}", what, is, should);
  }

  static std::string Text(const ModelAttribute& attribute) {
    return fmt::format("{} {} {}", attribute.name, ToMicros(attribute.modified),
                       ReferenceModel::Instance(attribute.name, attribute.value, attribute.observed));
  }
  static std::string Text(const std::string& id, const ModelEntity& entity) {
    std::string out = fmt::format("{} {} {}", id, ToMicros(entity.created), ToMicros(entity.modified));
    for (const auto& type : entity.types) out += " " + type;
    if (entity.scope) out += " " + ReferenceModel::ScopeName(*entity.scope);
    out += fmt::format(" {}", ToMicros(entity.scoped));
    for (const auto& attribute : entity.attributes) out += "; " + Text(attribute);
    return out + "\n";
  }
  static std::string ModelText(const ReferenceModel::Entities& entities) {
    std::string out;
    for (const auto& [id, entity] : entities) out += Text(id, entity);
    return out;
  }
  static std::string Text(const context::Entity& entity) {
    std::string out = fmt::format("{} {} {}", entity.id, ToMicros(entity.created), ToMicros(entity.modified));
    for (const auto& type : entity.types) out += " " + *type;
    for (const auto& scope : entity.scopes) out += " " + scope;
    out += fmt::format(" {}", ToMicros(entity.scoped));
    for (const auto& attribute : entity.attributes)
      out += fmt::format("; {} {} {}", *attribute.name, ToMicros(attribute.modified), Normal(attribute.json));
    return out + "\n";
  }
  /// Members in the order the model writes them; a merge keeps the order they came in.
  static std::string Normal(const std::string& text) {
    json::Value instance = json::Parse(text).value();
    const json::Value observed = instance["observedAt"];
    if (instance.Erase("observedAt")) instance.Set("observedAt", observed);
    return json::ToString(instance);
  }

  std::string EntitiesText() {
    std::map<std::string, std::string> all;
    for (std::size_t shard = 0; shard < running_->shards.size(); ++shard) {
      running_->OnWhole(shard, [&] {
        running_->live.context(shard).ForEach(0, [&](const context::Entity& entity) { all[entity.id] = Text(entity); });
      });
    }
    std::string out;
    for (const auto& [id, text] : all) out += text;
    return out;
  }

  std::string Select(const context::Query& query) {
    std::set<std::string> ids;
    std::set<std::string> asked;
    for (std::size_t shard = 0; shard < running_->shards.size(); ++shard) {
      std::promise<void> done;
      running_->shards.Post(shard, [&] {
        const context::Context::Question question{
            .query = std::make_shared<const context::Query>(query), .most = 100, .count = shard % 2 == 0};
        running_->live.context(shard).Ask(question, [&](const Result<context::Context::Selection>& selection) {
          if (!selection) wrong = selection.error().message;
          if (selection)
            for (const auto* entity : selection->entities) asked.insert(entity->id);
          done.set_value();
        });
      });
      done.get_future().wait();
      running_->OnWhole(shard, [&] {
        const context::Context& live = running_->live.context(shard);
        const auto chosen = live.Select(query, 100, false).entities;
        for (const auto* entity : chosen) ids.insert(entity->id);
        for (const auto kind : {context::IndexKind::kAll, context::IndexKind::kType, context::IndexKind::kPlace,
                                context::IndexKind::kValue}) {
          const auto by = live.SelectBy(kind, query, 100, true);
          if (by && by->entities != chosen) wrong = fmt::format("the index by {} gives others", NameOf(kind));
        }
      });
    }
    if (wrong.empty() && asked != ids) wrong = "what is asked over cold entities gives others";
    std::string out;
    for (const auto& id : ids) out += id + " ";
    return out;
  }
  std::string Those(const std::function<bool(ModelEntity&)>& wanted) const {
    std::string out;
    for (auto [id, entity] : model_.entities()) {
      if (wanted(entity)) out += id + " ";
    }
    return out;
  }

  void CompareQueries() {
    const auto same = [](std::string_view name) { return std::string(name); };
    for (const std::string type : {"x:T", "x:U"}) {
      context::Query query;
      query.selectors.push_back({{}, std::nullopt, context::TypeQuery::Of(type)});
      Compare("type " + type, Select(query),
              Those([&](const ModelEntity& entity) { return std::ranges::count(entity.types, type) > 0; }));
    }
    context::Query query;
    query.q = context::ValueQuery::Parse("x:n1>50", {same, {}, false}).value();
    Compare("q", Select(query), Those([](ModelEntity& entity) {
              const auto* attribute = entity.Find("x:n1");
              return attribute != nullptr && attribute->value > 50;
            }));
    for (int place = 0; place < 5; ++place) {
      context::Query near;
      near.geo = context::GeoQuery::Parse("near;maxDistance==1000", "Point", fmt::format("[{},35]", 126 + place),
                                          std::string(context::kLocation))
                     .value();
      Compare("georel", Select(near), Those([&](ModelEntity& entity) {
                const auto* location = entity.Find(std::string(context::kLocation));
                return location != nullptr && location->value == place;
              }));
    }
  }

  static std::string Text(const std::pair<std::string, std::string>& series, const history::InstanceId& id,
                          const std::string& instance) {
    return fmt::format("{} {} {}.{} {}\n", series.first, series.second, ToMicros(id.recorded), id.ordinal, instance);
  }

  /// Of a scope what is so from the cut on. @param look  time and whether it says a scope
  template <class Sample, class Look>
  static void Keep(std::vector<Sample>& samples, TimePoint cut, const Look& look) {
    const auto first = std::ranges::find_if(samples, [&](const Sample& sample) { return look(sample).first >= cut; });
    if (first == samples.begin()) return;
    const bool lasts = look(*std::prev(first)).second;
    samples.erase(samples.begin(), lasts ? std::prev(first) : first);
  }

  void CompareSamples() {
    std::string is;
    for (int i = 0; i < kEntities; ++i) {
      const std::string id = ReferenceModel::IdOf(i);
      const auto all = running_->state.SeriesOf({model::PartitionOf(0, id, kPartitions), 0, id});
      if (!all) return Compare("series of " + id, all.error().message, "");
      for (const auto& series : *all) {
        std::vector<history::Sample> samples;
        const auto read = running_->state.ReadSeries(series, {}, [&](std::string_view row, bool) -> Result<bool> {
          BONGSU_TRY(auto more, history::DecodeRow(row));
          std::ranges::move(more, std::back_inserter(samples));
          return true;
        });
        if (!read) return Compare("samples of " + id, read.error().message, "");
        std::ranges::sort(samples, history::Before);
        if (series.attribute == history::kScope)
          Keep(samples, CutOf(id), [](const history::Sample& sample) {
            return std::pair{sample.at(), sample.value_class != history::ValueClass::kDeleted};
          });
        for (const auto& sample : samples) {
          const std::string value = sample.value_class == history::ValueClass::kDeleted ? "deleted" : sample.text;
          is += Text({id, series.attribute}, sample.id,
                     value + (sample.has_observed() ? " " + FormatUtc(sample.observed) : ""));
        }
      }
    }
    std::string should;
    for (auto [series, samples] : model_.samples()) {
      const auto look = [](const ModelSample& sample) {
        return std::pair{sample.observed.value_or(sample.id.recorded), sample.value.has_value()};
      };
      const TimePoint cut = CutOf(series.first);
      if (series.second == history::kScope) {
        Keep(samples, cut, look);
      } else {
        std::erase_if(samples, [&](const ModelSample& sample) { return look(sample).first < cut; });
      }
      for (const auto& sample : samples) {
        std::string value = "deleted";
        if (sample.value)
          value = json::ToString(
              json::Parse(ReferenceModel::Instance(series.second, *sample.value, std::nullopt)).value()["value"]);
        should += Text(series, sample.id, value + (sample.observed ? " " + FormatUtc(*sample.observed) : ""));
      }
    }
    Compare("samples", is, should);
  }

  void ComparePast(TimePoint time) {
    std::string is;
    for (int i = 0; i < kEntities; ++i) {
      const std::string id = ReferenceModel::IdOf(i);
      const auto past = EntityAsOf(running_->state, journal_, {model::PartitionOf(0, id, kPartitions), 0, id}, time);
      const bool known = time >= CutOf(id);
      if (!known) {
        Compare("before the past", past ? "known" : past.error().reason, "history.trimmed");
        continue;
      }
      if (!past) return Compare("as of", past.error().message, "");
      if (past->entity) is += Text(*past->entity);
    }
    auto should = model_.at(time);
    std::erase_if(should, [&](const auto& entity) { return time < CutOf(entity.first); });
    Compare(fmt::format("as of {}", ToMicros(time)), is, ModelText(should));
  }

  std::size_t memory_bytes_;
  std::string folder_;
  journal::MemoryJournal journal_{kPartitions};
  TimePoint now_ = FromMicros(1'764'000'000'000'000);
  ReferenceModel model_;
  std::vector<model::Record> waiting_;
  std::unique_ptr<Running> running_;
  std::size_t starts_ = 0;
};

std::vector<Operation> Sequence(std::uint64_t seed) {
  std::mt19937_64 random{seed};
  const auto below = [&](int bound) { return static_cast<int>(random() % static_cast<std::uint64_t>(bound)); };
  // In the order of Kind; changes of what is there need some that came before.
  std::discrete_distribution<int> kinds{8, 4, 40, 12, 5, 3, 12, 1, 2, 4, 10, 3, 2, 3};
  std::vector<Operation> operations(static_cast<std::size_t>(20 + below(180)));
  for (Operation& operation : operations) {
    operation.kind = static_cast<Kind>(kinds(random));
    operation.entity = below(kEntities);
    operation.attribute = below(kAttributes);
    operation.value = below(100);
    operation.late_s = below(3) == 0 ? below(60) + 1 : 0;
    operation.more = below(2) == 0;
    operation.held_back = below(4) == 0;
  }
  return operations;
}

std::string Wrong(const std::vector<Operation>& operations, std::size_t memory_bytes) {
  World world{memory_bytes};
  if (world.wrong.empty()) world.Run(operations);
  return world.wrong;
}

/// Takes out what does not matter, in halves, then quarters, down to single operations.
std::vector<Operation> Shrunk(std::vector<Operation> operations, std::size_t memory_bytes) {
  for (std::size_t size = operations.size() / 2; size > 0; size /= 2) {
    for (std::size_t at = 0; at + size <= operations.size();) {
      auto fewer = operations;
      const auto from = fewer.begin() + static_cast<std::ptrdiff_t>(at);
      fewer.erase(from, from + static_cast<std::ptrdiff_t>(size));
      if (Wrong(fewer, memory_bytes).empty()) {
        at += size;
      } else {
        operations = std::move(fewer);
      }
    }
  }
  return operations;
}

std::string Text(const std::vector<Operation>& operations) {
  std::string out;
  for (const auto& o : operations)
    out +=
        fmt::format("  {{kind {}, entity {}, attribute {}, value {}, late {} s{}{}}}\n", static_cast<int>(o.kind),
                    o.entity, o.attribute, o.value, o.late_s, o.more ? ", more" : "", o.held_back ? ", held back" : "");
  return out;
}

/// @param memory  of attributes; 0: no bound
void Compare(const std::vector<std::size_t>& memory) {
  const char* asked = std::getenv("BONGSU_REFERENCE_SEQUENCES");
  const std::uint64_t sequences = asked != nullptr ? std::strtoull(asked, nullptr, 10) : 6;
  for (std::uint64_t seed = 1; seed <= sequences; ++seed) {
    const auto operations = Sequence(seed);
    const std::size_t memory_bytes = memory[seed % memory.size()];
    if (Wrong(operations, memory_bytes).empty()) continue;
    const auto shrunk = Shrunk(operations, memory_bytes);
    FAIL() << "seed " << seed << ", memory " << memory_bytes << "\n" << Text(shrunk) << Wrong(shrunk, memory_bytes);
  }
}

TEST(Reference, RandomOperationsGiveWhatTheModelGives) { Compare({0}); }

// An entity here takes about 600 bytes: none of them fits, or one or two on a shard.
TEST(Reference, TheyDoSoWithHardlyAnyMemoryForAttributes) { Compare({1, 1500}); }

}  // namespace
}  // namespace bongsu::store
