// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Seals and opens personal values on every shard, each with its own copy of the keys; the file behind them is written
/// on the blocking pool, one job after the other.
///
///   Seal(tenant, class, scope, value)   a scope's key of this shard, else the next spare one
///   Open(tenant, token)                 nothing when the key is gone
///   Erase(tenant, scope)                forgets the scope's keys everywhere, then destroys them on disk
///
/// One scope may have a key on each shard; erasing takes them all. Spare keys are made ahead and made again when a
/// shard has few left; when it has none, sealing is refused and the message is told to come again.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/log.hpp"
#include "base/metrics.hpp"
#include "guard/crypto/keys.hpp"
#include "guard/sealing/key_file.hpp"
#include "guard/sealing/token.hpp"
#include "runtime/shards.hpp"

namespace bongsu::sealing {

/// What a value belongs to, when that is known: its key is of that case or person alone.
struct Belongs {
  enum class To : std::uint8_t { kDay, kCase, kPerson } to = To::kDay;
  std::string name;  ///< Of the case or person, as the source says it.
};

class Keyring {
 public:
  static constexpr std::size_t kSpare = 64;  ///< Of a shard.
  static constexpr std::size_t kFew = 16;

  struct Parts {
    runtime::Shards& shards;
    runtime::BlockingPool& pool;
    const crypto::CryptoPort& crypto;
    const std::string& surrogate_key;
    Metrics& metrics;
    Log log;
  };
  /// Before the shards run: takes the keys of `file` in and makes spare ones. @errors as KeyFile
  static Result<std::unique_ptr<Keyring>> Make(Parts parts, KeyFile file);

  /// On a shard. @param day  "2026-11-22", of platform time
  /// @errors kOverloaded keys.none_left   until new ones are on disk
  Result<std::string> Seal(std::uint16_t tenant, DataClass data_class, const Belongs& belongs, std::string_view value,
                           std::string_view day);
  /// On a shard. Empty when the key is gone, was never here, or a byte of it is wrong.
  std::optional<std::string> Open(std::uint16_t tenant, const Token& token) const;
  /// On a shard. True when the key was destroyed by an erasure.
  bool IsErased(const Token& token) const;

  /// "case:SURROGATE", "person:SURROGATE", "day:contact:2026-11-22": how records and files name what a key seals for.
  std::string ScopeOf(std::uint16_t tenant, DataClass data_class, const Belongs& belongs, std::string_view day) const;
  std::string SurrogateOf(std::uint16_t tenant, DataClass data_class, std::string_view value) const;

  /// Keys of a scope. On shard 0.
  std::set<KeyId> KeysOf(std::uint16_t tenant, const std::string& scope) const;
  /// Keys of a scope; no shard seals under them any more. `done` runs on shard 0.
  void Retire(std::uint16_t tenant, std::string scope, std::function<void(std::set<KeyId>)> done);
  /// What was erased before the start, by scope, as far as it is known. Before the shards run or on shard 0.
  std::map<std::string, std::set<KeyId>> ErasedOf(std::uint16_t tenant) const;
  /// The whole list of erased keys is written there, too, after each erasure; where it fails, with the next one.
  void set_outside(std::string path) { outside_ = std::move(path); }
  /// Destroys those of `ids` that are not destroyed yet.
  void Ensure(const std::set<KeyId>& ids, std::function<void(Result<void>)> done);
  /// Forgets keys on every shard and destroys them on disk. `done` runs on shard 0.
  void Destroy(const std::set<KeyId>& ids, std::function<void(Result<void>)> done);

 private:
  struct Shard {
    std::unordered_map<KeyId, std::string> keys;
    std::map<std::pair<std::uint16_t, std::string>, KeyId> current;
    std::deque<KeyId> spare;
    std::set<KeyId> erased;
    bool asked = false;  ///< New spare keys are on their way.
  };
  struct Job {
    std::function<Result<void>()> work;  ///< On the pool.
    std::function<void(Result<void>)> done;
  };

  Keyring(const Parts& parts, KeyFile file);
  Shard& Here() { return shards_[std::min(parts_.shards.Current(), shards_.size() - 1)]; }
  const Shard& Here() const { return shards_[std::min(parts_.shards.Current(), shards_.size() - 1)]; }
  void AskForMore(std::size_t shard);
  void GiveSpare(std::size_t shard, const std::vector<std::pair<KeyId, std::string>>& made);
  void Queue(Job job);
  void RunNext();
  void OnEveryShard(std::size_t shard, std::function<void(Shard&)> work, std::function<void()> done);

  Parts parts_;
  std::string outside_;
  ErasedKeys erased_before_;
  KeyFile file_;  ///< Touched by one pool job at a time, and before the shards run.
  std::vector<Shard> shards_;
  std::map<std::pair<std::uint16_t, std::string>, std::set<KeyId>> scopes_;  ///< Of shard 0.
  std::deque<Job> jobs_;                                                     ///< Of shard 0.
  bool busy_ = false;
  Counter& sealed_;
  Counter& refused_;
  Counter& failed_;
};

}  // namespace bongsu::sealing
