// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Entities as they were: the last keyframe of the history before a time, and the changes after it from the journal.
/// Reads block; run them in the blocking pool.

#include <functional>
#include <memory>
#include <vector>

#include "know/context/entity.hpp"
#include "know/journal/port.hpp"
#include "know/store/port.hpp"

namespace bongsu::store {

/// An entity with the names it points to.
struct PastEntity {
  std::shared_ptr<context::Names> names;
  std::unique_ptr<context::Entity> entity;  ///< Null: it was not there.
};

/// @errors kNotFound history.trimmed  it was so before the past begins (StatePort::CutOf), or the journal no longer
///         holds a change that is needed
Result<PastEntity> EntityAsOf(const StatePort& state, const journal::JournalPort& journal, const EntityKey& key,
                              TimePoint as_of);

/// What StatePort::DropBeforeCut needs: an entity from its rows, with the changes of the journal.
StatePort::WholeCopy WholeCopyFrom(const journal::JournalPort& journal);

/// The first `limit` entities of a tenant in a partition, by id, that were there and that `wanted` accepts.
Result<std::vector<PastEntity>> EntitiesAsOf(const StatePort& state, const journal::JournalPort& journal,
                                             std::uint16_t partition, std::uint16_t tenant, TimePoint as_of,
                                             std::size_t limit,
                                             const std::function<bool(const context::Entity&)>& wanted);

/// What `bongsu journal verify` compares: the saved state, and a fold of the journal up to the positions it stands for.
struct Verified {
  std::string state_hash;
  std::string fold_hash;
  bool equal = false;
};
/// @param base  state from which the fold begins where the journal no longer has its first record; may be nullptr
/// @errors kCorrupt when stored bytes do not decode; kNotFound history.trimmed when neither the journal nor `base`
/// reaches back far enough
Result<Verified> VerifyState(const StatePort& state, const journal::JournalPort& journal,
                             const StatePort* base = nullptr);

}  // namespace bongsu::store
