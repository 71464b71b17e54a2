// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Every tenant with its accounts and its desk, as each shard sees it: a copy a shard, so that asking who somebody is
/// never leaves the shard. Writers send every shard a new immutable value; a shard reads only its own copy.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "guard/accounts.hpp"
#include "guard/tenants.hpp"
#include "runtime/shards.hpp"

namespace bongsu::guard {

/// Where a tenant's books live. `book` is touched on `shard` alone; `tenants` is there on the platform tenant's desk
/// only.
struct TenantDesk {
  std::size_t shard = 0;
  desk::DeskPort* desk = nullptr;
  AccountBook* book = nullptr;
  TenantBook* tenants = nullptr;
};

class Directory {
 public:
  struct Entry {
    Tenant tenant;
    TenantDesk desk;
    std::shared_ptr<const Accounts> accounts;  ///< As they are on disk.
  };

  explicit Directory(runtime::Shards& shards) : shards_{shards}, copies_(shards.size()) {}

  /// Makes a tenant known to every shard; from any thread. Its desk has folded its records by now.
  void Add(Entry entry);
  /// Gives every shard the accounts of a tenant; from any thread.
  void Publish(std::uint16_t tenant, std::shared_ptr<const Accounts> accounts);

  /// The calling shard's copy; an entry stays valid until the next loop turn of this shard.
  const Entry* Find(std::uint16_t ordinal) const;
  const Entry* Find(std::string_view id) const;
  const std::map<std::uint16_t, Entry>& All() const;

 private:
  void OnEveryShard(const std::function<void(std::map<std::uint16_t, Entry>&)>& change);

  runtime::Shards& shards_;
  std::vector<std::map<std::uint16_t, Entry>> copies_;
};

}  // namespace bongsu::guard
