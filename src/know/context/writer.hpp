// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The way of a direct write into the context of one shard:
///
///   Write ──▶ check against committed entities and what is on its way ──▶ AppendPort ──▶ on disk
///                                                                                          │
///   done  ◀── folded into the Context ◀────────────────────────────────────────────────────┘
///
/// A cold entity is awaited before it is checked, and stays whole until its record is folded; writes that come
/// meanwhile to the same entities stay in their order behind it. A single write to an entity that has one on its way
/// waits for it, so that its check sees the outcome. A batch does not wait: it checks existence as it will be and
/// attributes as they are. Lives on its shard; not thread-safe.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/time.hpp"
#include "know/context/context.hpp"
#include "know/context/write_check.hpp"
#include "know/journal/port.hpp"

namespace bongsu::context {

struct WriteRequest {
  std::uint16_t tenant = 0;
  std::string actor;  ///< User or token id.
  std::string type;   ///< When set, the entity must have this type (IRI), else it is not found.
  model::EntityPatch patch;
  /// Fits the patch to the entity as it is (null when there is none) before it is checked.
  std::function<Result<void>(const Entity* entity, model::EntityPatch& patch)> adapt = {};
  bool replace_existing = false;  ///< An upsert replaces the whole of an entity that is there.
};

class Writer {
 public:
  static constexpr std::size_t kMaxWaiting = 10'000;
  static constexpr std::size_t kMaxNames = 200'000;

  Writer(Context& context, journal::AppendPort& append, const Clock& clock);
  ~Writer() { context_.set_busy(nullptr); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Looks at each change last, on the shard, before it is checked: puts personal values under seal.
  /// @param entity  as it is; null when there is none
  using Seal = std::function<Result<void>(std::uint16_t tenant, const Entity* entity, model::EntityPatch& patch)>;
  void set_seal(Seal seal) { seal_ = std::move(seal); }

  using Done = std::function<void(Result<WriteOutcome>)>;
  /// @errors those of CheckWrite and of AppendPort; kOverloaded context.busy_entity
  void Write(WriteRequest request, Done done);

  using BatchDone = std::function<void(std::vector<Result<WriteOutcome>>)>;
  /// One record an entity, one append for all that are right; the outcome of each in the order given.
  void WriteBatch(std::vector<WriteRequest> requests, BatchDone done);

  std::size_t waiting() const { return waiting_count_ + awaiting_.size(); }

 private:
  struct Pending {
    std::size_t on_the_way = 0;
    bool exists = false;  ///< Once everything on its way is folded.
    std::deque<std::function<void()>> waiting;
  };
  struct Batch;
  /// Behind the store.
  struct Awaiting {
    std::vector<WriteRequest> requests;
    std::vector<std::string> keys;
    BatchDone done;
    bool single = false;
    bool read = false;
  };

  static std::string KeyOf(const WriteRequest& request) { return context::KeyOf(request.tenant, request.patch.id); }
  bool MustAwait(const std::vector<WriteRequest>& requests) const;
  void Await(std::vector<WriteRequest> requests, bool single, BatchDone done);
  void ReadFor(const std::shared_ptr<Awaiting>& awaiting);
  void GoOn();
  tl::unexpected<Error> Busy() const;
  void Go(std::vector<WriteRequest> requests, bool single, BatchDone done);
  void WriteWhole(std::vector<WriteRequest> requests, BatchDone done);
  Result<WriteOutcome> Check(WriteRequest& request, const std::string& key);
  model::Record RecordOf(WriteRequest request) const;
  void Enter(std::uint16_t tenant, const std::string& key, const model::EntityPatch& patch);
  void Leave(const std::string& key);
  void Finish(const std::shared_ptr<Batch>& batch, const Result<journal::Committed>& committed);

  Context& context_;
  journal::AppendPort& append_;
  const Clock& clock_;
  Seal seal_;
  std::unordered_map<std::string, Pending> pending_;
  std::size_t waiting_count_ = 0;
  std::deque<std::shared_ptr<Awaiting>> awaiting_;
  std::unordered_map<std::string, std::size_t> awaited_;  // keys of awaiting_, how often
};

}  // namespace bongsu::context
