// SPDX-License-Identifier: Apache-2.0
#include "guard/sealing/keyring.hpp"

#include <algorithm>
#include <iterator>

namespace bongsu::sealing {
namespace {

/// Equal numbers read equal however they are written: telephone numbers and plates without spaces and dashes.
std::string Plain(DataClass data_class, std::string_view value) {
  std::string text{value};
  if (data_class == DataClass::kContact || data_class == DataClass::kPlate)
    std::erase_if(text, [](char letter) { return letter == ' ' || letter == '-'; });
  return text;
}

std::string ContextOf(std::uint16_t tenant, const Token& token) {
  return fmt::format("bongsu.sealed.1\n{}\n{}\n{}\n{}", tenant, ClassName(token.data_class), token.surrogate,
                     token.key);
}

}  // namespace

Keyring::Keyring(const Parts& parts, KeyFile file)
    : parts_{parts},
      file_{std::move(file)},
      shards_(parts_.shards.size()),
      sealed_{parts_.metrics.Counter("bongsu_sealing_sealed_total", "Personal values sealed.")},
      refused_{parts_.metrics.Counter("bongsu_sealing_refused_total", "Values refused because no spare key was left.")},
      failed_{parts_.metrics.Counter("bongsu_sealing_failed_total", "Writes of the key file that failed.")} {}

Result<std::unique_ptr<Keyring>> Keyring::Make(Parts parts, KeyFile file) {
  std::unique_ptr<Keyring> ring{new Keyring(std::move(parts), std::move(file))};  // NOLINT: private constructor
  // A key without a scope from before may have sealed something a moment before a power cut: it opens, and is never
  // given to another scope.
  for (Shard& shard : ring->shards_) {
    BONGSU_TRY(const auto made, ring->file_.Make(kSpare));
    shard.spare.assign(made.begin(), made.end());
  }
  for (const auto& [id, key] : ring->file_.keys()) {
    for (Shard& shard : ring->shards_) shard.keys.emplace(id, key.bytes);
    if (key.scope.empty()) continue;
    const auto scope = std::pair{key.tenant, key.scope};
    ring->scopes_[scope].insert(id);
    for (Shard& shard : ring->shards_) shard.current[scope] = id;
  }
  ring->erased_before_ = ring->file_.erased();
  for (Shard& shard : ring->shards_) {
    for (const auto& [id, key] : ring->erased_before_) shard.erased.insert(id);
  }
  return ring;
}

std::string Keyring::SurrogateOf(std::uint16_t tenant, DataClass data_class, std::string_view value) const {
  crypto::Keys keys;
  keys.surrogate = parts_.surrogate_key;
  return crypto::SurrogateOf(parts_.crypto, keys, fmt::format("{}\n{}", tenant, ClassName(data_class)),
                             Plain(data_class, value));
}

std::string Keyring::ScopeOf(std::uint16_t tenant, DataClass data_class, const Belongs& belongs,
                             std::string_view day) const {
  if (belongs.to == Belongs::To::kCase)
    return "case:" + SurrogateOf(tenant, DataClass::kCase, "scope\n" + belongs.name);
  if (belongs.to == Belongs::To::kPerson)
    return "person:" + SurrogateOf(tenant, DataClass::kPerson, "scope\n" + belongs.name);
  return fmt::format("day:{}:{}", ClassName(data_class), day);
}

Result<std::string> Keyring::Seal(std::uint16_t tenant, DataClass data_class, const Belongs& belongs,
                                  std::string_view value, std::string_view day) {
  Shard& here = Here();
  const std::string scope = ScopeOf(tenant, data_class, belongs, day);
  auto current = here.current.find({tenant, scope});
  if (current == here.current.end()) {
    if (here.spare.size() <= kFew) AskForMore(std::min(parts_.shards.Current(), shards_.size() - 1));
    if (here.spare.empty()) {
      refused_.Add();
      return Fail(Code::kOverloaded, "keys.none_left", "no key for a personal value is ready; come again");
    }
    const KeyId id = here.spare.front();
    here.spare.pop_front();
    current = here.current.emplace(std::pair{tenant, scope}, id).first;
    parts_.shards.Post(0, [this, id, tenant, scope] {
      scopes_[{tenant, scope}].insert(id);
      Queue({[this, id, tenant, scope] { return file_.Assign(id, tenant, scope); }, [](const Result<void>&) {}});
    });
  }
  Token token{data_class, SurrogateOf(tenant, data_class, value), current->second, {}};
  token.sealed = parts_.crypto.SealBytes(here.keys.at(token.key), value, ContextOf(tenant, token));
  sealed_.Add();
  return ToText(token);
}

std::optional<std::string> Keyring::Open(std::uint16_t tenant, const Token& token) const {
  const auto& keys = Here().keys;
  const auto key = keys.find(token.key);
  if (key == keys.end()) return std::nullopt;
  return parts_.crypto.OpenBytes(key->second, token.sealed, ContextOf(tenant, token));
}

bool Keyring::IsErased(const Token& token) const { return Here().erased.contains(token.key); }

void Keyring::AskForMore(std::size_t shard) {
  if (std::exchange(shards_[shard].asked, true)) return;
  parts_.shards.Post(0, [this, shard] {
    auto made = std::make_shared<std::vector<std::pair<KeyId, std::string>>>();
    const auto work = [this, made]() -> Result<void> {
      BONGSU_TRY(const auto ids, file_.Make(kSpare));
      for (const KeyId id : ids) made->emplace_back(id, file_.keys().at(id).bytes);
      return {};
    };
    Queue({work, [this, shard, made](const Result<void>&) { GiveSpare(shard, *made); }});
  });
}

/// Every shard knows a key before one seals under it.
void Keyring::GiveSpare(std::size_t shard, const std::vector<std::pair<KeyId, std::string>>& made) {
  OnEveryShard(
      0, [made](Shard& one) { one.keys.insert(made.begin(), made.end()); },
      [this, shard, made] {
        parts_.shards.Post(shard, [this, shard, made] {
          for (const auto& [id, bytes] : made) shards_[shard].spare.push_back(id);
          shards_[shard].asked = false;
        });
      });
}

void Keyring::Queue(Job job) {
  jobs_.push_back(std::move(job));
  if (!busy_) RunNext();
}

void Keyring::RunNext() {
  busy_ = !jobs_.empty();
  if (!busy_) return;
  const auto job = std::make_shared<Job>(std::move(jobs_.front()));
  jobs_.pop_front();
  const auto finish = [this, job](const Result<void>& result) {
    if (!result) {
      failed_.Add();
      parts_.log.Failure("sealing.key_file", result.error());
    }
    job->done(result);
    RunNext();
  };
  const bool queued = parts_.pool.Run(
      [this, job, finish] { parts_.shards.Post(0, [finish, result = job->work()] { finish(result); }); });
  if (queued) return;
  // The pool is full: again, a little later, in the same order.
  jobs_.push_front(std::move(*job));
  parts_.shards.After(0, std::chrono::milliseconds{50}, [this] { RunNext(); });
}

void Keyring::OnEveryShard(std::size_t shard, std::function<void(Shard&)> work, std::function<void()> done) {
  if (shard == shards_.size()) return parts_.shards.Post(0, std::move(done));
  parts_.shards.Post(shard, [this, shard, work = std::move(work), done = std::move(done)]() mutable {
    work(shards_[shard]);
    OnEveryShard(shard + 1, std::move(work), std::move(done));
  });
}

void Keyring::Retire(std::uint16_t tenant, std::string scope, std::function<void(std::set<KeyId>)> done) {
  const auto name = std::pair{tenant, std::move(scope)};
  OnEveryShard(
      0, [name](Shard& one) { one.current.erase(name); },
      [this, name, done = std::move(done)] { done(KeysOf(name.first, name.second)); });
}

std::set<KeyId> Keyring::KeysOf(std::uint16_t tenant, const std::string& scope) const {
  const auto found = scopes_.find(std::pair{tenant, scope});
  return found == scopes_.end() ? std::set<KeyId>{} : found->second;
}

std::map<std::string, std::set<KeyId>> Keyring::ErasedOf(std::uint16_t tenant) const {
  std::map<std::string, std::set<KeyId>> scopes;
  for (const auto& [id, key] : erased_before_) {
    if (key.tenant == tenant && !key.scope.empty()) scopes[key.scope].insert(id);
  }
  return scopes;
}

void Keyring::Ensure(const std::set<KeyId>& ids, std::function<void(Result<void>)> done) {
  std::set<KeyId> left;
  std::ranges::set_difference(ids, shards_[0].erased, std::inserter(left, left.end()));
  if (left.empty()) return done({});
  Destroy(left, std::move(done));
}

void Keyring::Destroy(const std::set<KeyId>& ids, std::function<void(Result<void>)> done) {
  OnEveryShard(
      0,
      [ids](Shard& one) {
        for (const KeyId id : ids) one.keys.erase(id);
        // After a stop in the middle of an erasure its keys may be a scope's, or spare ones, again.
        std::erase_if(one.current, [&](const auto& scope) { return ids.contains(scope.second); });
        std::erase_if(one.spare, [&](KeyId id) { return ids.contains(id); });
        one.erased.insert(ids.begin(), ids.end());
      },
      [this, ids, done = std::move(done)] {
        for (auto& [scope, keys] : scopes_) std::erase_if(keys, [&](KeyId id) { return ids.contains(id); });
        std::erase_if(scopes_, [](const auto& scope) { return scope.second.empty(); });
        const auto work = [this, ids]() -> Result<void> {
          BONGSU_CHECK(file_.Destroy(ids));
          if (outside_.empty()) return {};
          const auto told = MergeErasedFile(outside_, file_.erased(), file_.installation());
          if (!told) parts_.log.Failure("sealing.list_not_outside", told.error());
          return {};
        };
        Queue({work, done});
      });
}

}  // namespace bongsu::sealing
