// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The front of the live context: knows which shard owns an entity and asks it there. Handlers run on any shard.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.hpp"
#include "know/context/context.hpp"
#include "know/context/writer.hpp"
#include "know/journal/port.hpp"
#include "runtime/shards.hpp"
#include "serve/ngsi/ld_context.hpp"
#include "serve/ngsi/personal_house.hpp"
#include "serve/ngsi/subscription_house.hpp"

namespace bongsu::ngsi {

/// What one query may take.
struct QueryLimits {
  std::size_t page_entities = 10'000;      ///< Most that `limit` asks for.
  std::size_t memory_bytes = 64UL << 20U;  ///< For what has to be held at once: the ids up to the page, and texts that
                                           ///< cannot be sent as they come (join, Prefer).
};

class ContextService {
 public:
  /// @param contexts  one a shard, in the order of shards; owned by the caller and living longer than this
  ContextService(runtime::Shards& shards, journal::AppendPort& append, const Clock& clock, LdContexts ld_contexts,
                 std::vector<context::Context*> contexts);

  std::size_t OwnerOf(std::uint16_t tenant, std::string_view id) const;
  std::size_t shards() const { return contexts_.size(); }
  /// Runs `work` on the shard: at once when this is it.
  void On(std::size_t shard, std::function<void()> work) const;
  /// Runs `work` on this shard once others had their turn. Only on a shard.
  void Later(std::function<void()> work) const { shards_.Post(shards_.Current(), std::move(work)); }

  /// Only on shard `shard`.
  context::Context& context(std::size_t shard) const { return *contexts_[shard]; }
  context::Writer& writer(std::size_t shard) const { return *writers_[shard]; }

  /// Runs `ask` on every shard and `done` with all answers, in the order of shards, on the last of them.
  template <class T>
  void AskAll(const std::function<T(const context::Context&)>& ask,
              const std::function<void(std::vector<T>)>& done) const;

  /// The same of shards that answer later.
  template <class T>
  void AskAllLater(const std::function<void(context::Context&, std::function<void(T)>)>& ask,
                   const std::function<void(std::vector<T>)>& done) const;
  /// What every shard selects (Context::Ask), each made into an answer while its pointers hold. What may be held in
  /// memory is divided among the shards.
  template <class T>
  void SelectAll(context::Context::Question question, const std::function<T(const context::Context::Selection&)>& make,
                 const std::function<void(Result<std::vector<T>>)>& done) const;
  /// AskAll once those of the entities that a shard has are whole there.
  template <class T>
  void AskAllWhole(std::uint16_t tenant, const std::shared_ptr<const std::vector<std::string>>& ids,
                   const std::function<T(const context::Context&)>& ask,
                   const std::function<void(Result<std::vector<T>>)>& done) const;

  /// Checks, appends and answers on the owner's shard.
  void Write(context::WriteRequest request, context::Writer::Done done) const;
  /// Groups by shard: one append a shard. Outcomes come in the order of the requests.
  void WriteBatch(std::vector<context::WriteRequest> requests, context::Writer::BatchDone done) const;

  TimePoint now() const { return clock_.Now(); }
  /// Contexts of a tenant as this shard knows them.
  std::shared_ptr<const LdContexts> ld_contexts(std::uint16_t tenant) const;
  /// A tenant's contexts from now on: at once on this shard, soon on the others. Any shard, for one tenant always the
  /// same.
  void set_ld_contexts(std::uint16_t tenant, LdContexts contexts);

  /// Before the first request.
  void set_query_limits(QueryLimits limits) { query_limits_ = limits; }
  const QueryLimits& query_limits() const { return query_limits_; }
  /// Before the first request; without it subscriptions answer 501.
  void set_subscriptions(SubscriptionHouse house) { subscriptions_ = std::move(house); }
  const SubscriptionHouse& subscriptions() const { return subscriptions_; }

  /// Before the first request; without it nothing is personal.
  void set_personal(PersonalHouse house);
  const std::shared_ptr<const PersonalHouse>& personal() const { return personal_; }

 private:
  runtime::Shards& shards_;
  std::uint16_t partitions_;
  const Clock& clock_;
  std::shared_ptr<const LdContexts> ld_contexts_;  ///< Where nothing else is known.
  std::vector<std::map<std::uint16_t, std::shared_ptr<const LdContexts>>> ld_contexts_of_;  ///< By shard.
  SubscriptionHouse subscriptions_;
  std::shared_ptr<const PersonalHouse> personal_ = std::make_shared<const PersonalHouse>();
  QueryLimits query_limits_;
  std::vector<context::Context*> contexts_;
  std::vector<std::unique_ptr<context::Writer>> writers_;
};

/// All of them, or the first error.
template <class T>
Result<std::vector<T>> AllOf(std::vector<Result<T>> parts) {
  std::vector<T> all;
  all.reserve(parts.size());
  for (Result<T>& part : parts) {
    if (!part) return tl::unexpected<Error>(part.error());
    all.push_back(std::move(*part));
  }
  return all;
}

template <class T>
void ContextService::AskAll(const std::function<T(const context::Context&)>& ask,
                            const std::function<void(std::vector<T>)>& done) const {
  AskAllLater<T>([ask](context::Context& context, const std::function<void(T)>& answer) { answer(ask(context)); },
                 done);
}

template <class T>
void ContextService::AskAllLater(const std::function<void(context::Context&, std::function<void(T)>)>& ask,
                                 const std::function<void(std::vector<T>)>& done) const {
  struct Round {
    explicit Round(std::size_t count) : answers(count), left{count} {}
    std::vector<T> answers;  // each slot written by its own shard
    std::atomic<std::size_t> left;
  };
  auto round = std::make_shared<Round>(contexts_.size());
  for (std::size_t shard = 0; shard < contexts_.size(); ++shard) {
    On(shard, [this, shard, round, ask, done] {
      ask(*contexts_[shard], [shard, round, done](T answer) {
        round->answers[shard] = std::move(answer);
        if (round->left.fetch_sub(1, std::memory_order_acq_rel) == 1) done(std::move(round->answers));
      });
    });
  }
}

template <class T>
void ContextService::SelectAll(context::Context::Question question,
                               const std::function<T(const context::Context::Selection&)>& make,
                               const std::function<void(Result<std::vector<T>>)>& done) const {
  question.memory_bytes = query_limits_.memory_bytes / shards();
  AskAllLater<Result<T>>(
      [question = std::move(question), make](context::Context& context, const std::function<void(Result<T>)>& answer) {
        context.Ask(question, [make, answer](const Result<context::Context::Selection>& selection) {
          answer(selection ? Result<T>{make(*selection)} : tl::unexpected<Error>(selection.error()));
        });
      },
      [done](std::vector<Result<T>> parts) { done(AllOf(std::move(parts))); });
}

template <class T>
void ContextService::AskAllWhole(std::uint16_t tenant, const std::shared_ptr<const std::vector<std::string>>& ids,
                                 const std::function<T(const context::Context&)>& ask,
                                 const std::function<void(Result<std::vector<T>>)>& done) const {
  AskAllLater<Result<T>>(
      [tenant, ids, ask](context::Context& context, const std::function<void(Result<T>)>& answer) {
        std::vector<context::ColdKey> cold;
        for (const std::string& id : *ids) context.Note(tenant, id, cold);
        context.Await(std::move(cold), [&context, ask, answer](const Result<void>& whole) {
          answer(whole ? Result<T>{ask(context)} : tl::unexpected<Error>(whole.error()));
        });
      },
      [done](std::vector<Result<T>> parts) { done(AllOf(std::move(parts))); });
}

}  // namespace bongsu::ngsi
