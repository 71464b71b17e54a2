// SPDX-License-Identifier: Apache-2.0
// Questions to a context some of whose entities are cold, and their way back into memory.
#include <algorithm>
#include <iterator>
#include <optional>
#include <unordered_map>

#include "know/context/context.hpp"

namespace bongsu::context {
namespace {

constexpr std::size_t kFirstRound = 256;   ///< Entities read before a question looks again.
constexpr std::size_t kLastRound = 16384;  ///< Four times as many each time, up to these.

tl::unexpected<Error> Another(std::string_view id) {
  return Fail(Code::kCorrupt, "state.read", "the row of {} is another entity", id);
}

tl::unexpected<Error> Missing(std::string_view id) {
  return Fail(Code::kCorrupt, "state.read", "there is no row of {}", id);
}

}  // namespace

void Context::NoteCold(std::uint16_t tenant, std::string_view id, std::vector<ColdKey>& keys) const {
  if (warmth_.cold() == 0) return;
  const Entity* const entity = At(tenant, id);
  if (entity != nullptr && entity->cold != 0) keys.push_back({entity->partition, tenant, entity->cold, entity->id});
}

Result<void> Context::TakeBack(const ColdKey& key, std::string_view bytes) {
  Entity* const entity = At(key.tenant, key.id);
  if (entity == nullptr || entity->cold == 0 || entity->cold != key.cold) return {};
  BONGSU_TRY(Entity read, Decode(bytes, names_));
  if (read.id != key.id) return Another(key.id);
  warmth_.Warm(*entity, std::move(read.attributes));
  return {};
}

void Context::Note(std::uint16_t tenant, std::string_view id, std::vector<ColdKey>& keys) const {
  if (warmth_.cold() == 0) return;
  const Entity* const entity = At(tenant, id);
  const bool there = entity != nullptr;
  keys.push_back({there ? entity->partition : std::uint16_t{0}, tenant, there ? entity->cold : 0, std::string(id)});
}

void Context::Await(std::vector<ColdKey> keys, std::function<void(Result<void>)> then) {
  struct Back {
    std::vector<ColdKey> cold;
    Names names;  // of the thread that reads
    std::vector<std::optional<std::vector<Attribute>>> attributes;
  };
  const auto back = std::make_shared<Back>();
  std::ranges::copy_if(keys, std::back_inserter(back->cold), [](const ColdKey& key) { return key.cold != 0; });
  if (back->cold.empty()) return then({});
  if (cold_store_ == nullptr) return then(Fail(Code::kUnavailable, "state.read", "no store to read entities from"));
  for (const ColdKey& key : keys) ++pins_[KeyOf(key.tenant, key.id)];
  back->attributes.resize(back->cold.size());
  const auto each = [back](std::size_t place, std::string_view bytes) -> Result<void> {
    BONGSU_TRY(Entity read, Decode(bytes, back->names));
    if (read.id != back->cold[place].id) return Another(back->cold[place].id);
    back->attributes[place] = std::move(read.attributes);
    return {};
  };
  cold_store_->Read(back->cold, each, [this, back, keys = std::move(keys), then = std::move(then)](Result<void> read) {
    for (std::size_t i = 0; read && i < back->cold.size(); ++i)
      read = PutBack(back->cold[i], std::move(back->attributes[i]));
    then(read);
    Unpin(keys);
  });
}

/// Somebody else may have read it meanwhile and changed it: then it is whole, and newer; or deleted it, with its row.
Result<void> Context::PutBack(const ColdKey& key, std::optional<std::vector<Attribute>> attributes) {
  Entity* const entity = At(key.tenant, key.id);
  if (entity == nullptr || entity->cold != key.cold) return {};
  if (!attributes) return Missing(key.id);
  for (Attribute& attribute : *attributes) attribute.name = names_.Intern(*attribute.name);
  warmth_.Warm(*entity, std::move(*attributes));
  return {};
}

void Context::Unpin(const std::vector<ColdKey>& keys) {
  for (const ColdKey& key : keys) {
    const auto pin = pins_.find(KeyOf(key.tenant, key.id));
    if (--pin->second == 0) pins_.erase(pin);
  }
}

Warmth::Cooled Context::Cool(std::size_t steps, const std::function<bool(const Entity&)>& saved,
                             const std::function<void(const Entity&)>& before) {
  const auto may = [&](const Entity& entity) {
    if (!pins_.empty() && pins_.contains(KeyOf(entity.tenant, entity.id))) return false;
    return (!busy_ || !busy_(entity.tenant, entity.id)) && saved(entity);
  };
  return warmth_.Cool(steps, may, before);
}

/// One question, from round to round.
class Context::Asking : public std::enable_shared_from_this<Asking> {
 public:
  using Then = std::function<void(Result<Selection>)>;
  Asking(Context& context, const Question& question, const Then& then)
      : context_{context}, question_{question}, then_{then} {}

  void GoOn() {
    unknown_.clear();
    Selection selection =
        context_.Choose(*question_.query, question_.most, question_.count, [this](const Entity* e) { return See(e); });
    if (!selection.open && question_.whole) {
      for (const Entity* entity : selection.entities)
        if (entity->cold != 0) context_.NoteCold(entity->tenant, entity->id, unknown_);
    }
    if (!unknown_.empty()) return Read();
    for (const Entity* entity : selection.entities) {
      const auto held = held_.find(entity);
      if (held != held_.end()) selection.held.push_back(held->second);
    }
    selection.plan.read = read_;
    then_(std::move(selection));
  }

 private:
  struct Verdict {
    std::uint32_t cold = 0;  // of the entity when it was read; 0: there was no row
    bool matches = false;
    std::shared_ptr<const LoneEntity> held;
  };
  /// What one reading brings, filled by the thread that reads.
  struct Round {
    std::shared_ptr<const Query> query;
    bool whole = false;
    std::size_t left = 0;  // bytes that may be held
    std::vector<ColdKey> keys;
    std::shared_ptr<Names> names = std::make_shared<Names>();
    std::vector<Verdict> verdicts;

    Result<void> Take(std::size_t place, std::string_view bytes) {
      BONGSU_TRY(Entity read, Decode(bytes, *names));
      if (read.id != keys[place].id) return Another(keys[place].id);
      Verdict& verdict = verdicts[place];
      verdict.cold = keys[place].cold;
      verdict.matches = query->MatchesSaid(read);
      if (!verdict.matches || !whole) return {};
      const std::size_t takes = sizeof(LoneEntity) + Warmth::BytesOf(read);
      if (takes > left) {
        return Fail(Code::kTooLarge, "ngsi.TooComplexQuery",
                    "the entities that have to be read for it take more memory than a query may (query_memory_mb): "
                    "ask for fewer, or by id instead of an attribute");
      }
      left -= takes;
      verdict.held = std::make_shared<const LoneEntity>(LoneEntity{names, std::move(read)});
      return {};
    }
  };

  Look See(const Entity* entity) {
    const Query& query = *question_.query;
    if (entity->cold == 0) return {query.Matches(*entity) ? entity : nullptr};
    if (!query.MatchesKept(*entity) || !HasOne(*entity)) return {};
    const auto known = verdicts_.find(entity);
    if (known != verdicts_.end() && known->second.cold == entity->cold) {
      if (!known->second.matches) return {};
      return {known->second.held ? &known->second.held->entity : entity};
    }
    if (!query.asks_what_is_said()) return {entity};
    context_.NoteCold(entity->tenant, entity->id, unknown_);
    return {.open = true, .stop = unknown_.size() >= round_};
  }

  bool HasOne(const Entity& entity) const {
    const auto& wanted = question_.query->attributes;
    return wanted.empty() || std::ranges::any_of(context_.warmth_.ShapeOf(entity), [&](const auto& attribute) {
             return std::ranges::find(wanted, *attribute.first) != wanted.end();
           });
  }

  void Read() {
    const std::size_t most = context_.warmth_.options().max_reads;
    if (read_ + unknown_.size() > most) {
      return then_(Fail(Code::kTooLarge, "ngsi.TooComplexQuery",
                        "more than {} entities that are not in memory (context_memory_mb) would have to be read for "
                        "it: narrow it by type, id, scope or place, or have the attribute indexed (query_indexes)",
                        most));
    }
    if (context_.cold_store_ == nullptr)
      return then_(Fail(Code::kUnavailable, "state.read", "no store to read entities from"));
    read_ += unknown_.size();
    round_ = std::min(round_ * 4, kLastRound);
    const auto round = std::make_shared<Round>();
    round->query = question_.query;
    round->whole = question_.whole;
    round->left = question_.memory_bytes - std::min(held_bytes_, question_.memory_bytes);
    round->keys = unknown_;
    round->verdicts.resize(unknown_.size());
    const std::size_t left = round->left;
    context_.cold_store_->Read(
        std::move(unknown_), [round](std::size_t place, std::string_view bytes) { return round->Take(place, bytes); },
        [self = shared_from_this(), round, left](const Result<void>& read) {
          if (!read) return self->then_(tl::unexpected<Error>(read.error()));
          self->held_bytes_ += left - round->left;
          if (const auto learned = self->Learn(*round); !learned)
            return self->then_(tl::unexpected<Error>(learned.error()));
          self->GoOn();
        });
  }

  /// An entity that changed meanwhile is whole, or cold another time: it is looked at again.
  Result<void> Learn(Round& round) {
    if (const auto* options = &context_.warmth_.options(); options->reads != nullptr)
      options->reads->Add(round.keys.size());
    for (std::size_t i = 0; i < round.keys.size(); ++i) {
      const Entity* const entity = context_.At(round.keys[i].tenant, round.keys[i].id);
      if (entity == nullptr || entity->cold != round.keys[i].cold) continue;
      if (round.verdicts[i].cold == 0) return Missing(entity->id);
      if (round.verdicts[i].held) held_[&round.verdicts[i].held->entity] = round.verdicts[i].held;
      verdicts_[entity] = std::move(round.verdicts[i]);
    }
    return {};
  }

  Context& context_;
  const Question question_;
  const Then then_;
  std::unordered_map<const Entity*, Verdict> verdicts_;
  std::unordered_map<const Entity*, std::shared_ptr<const LoneEntity>> held_;
  std::vector<ColdKey> unknown_;
  std::size_t round_ = kFirstRound;
  std::size_t read_ = 0;
  std::size_t held_bytes_ = 0;
};

void Context::Ask(const Question& question, const std::function<void(Result<Selection>)>& then) {
  if (warmth_.cold() == 0) return then(Select(*question.query, question.most, question.count));
  std::make_shared<Asking>(*this, question, then)->GoOn();
}

}  // namespace bongsu::context
