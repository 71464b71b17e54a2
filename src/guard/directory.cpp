// SPDX-License-Identifier: Apache-2.0
#include "guard/directory.hpp"

namespace bongsu::guard {

void Directory::OnEveryShard(const std::function<void(std::map<std::uint16_t, Entry>&)>& change) {
  const std::size_t here = shards_.Current();
  for (std::size_t shard = 0; shard < shards_.size(); ++shard) {
    if (shard == here) {
      change(copies_[shard]);
    } else {
      shards_.Post(shard, [this, shard, change] { change(copies_[shard]); });
    }
  }
}

void Directory::Add(Entry entry) {
  if (!entry.accounts) entry.accounts = std::make_shared<const Accounts>();
  OnEveryShard([entry = std::move(entry)](auto& copy) { copy[entry.tenant.ordinal] = entry; });
}

void Directory::Publish(std::uint16_t tenant, std::shared_ptr<const Accounts> accounts) {
  OnEveryShard([tenant, accounts = std::move(accounts)](auto& copy) {
    if (const auto found = copy.find(tenant); found != copy.end()) found->second.accounts = accounts;
  });
}

const std::map<std::uint16_t, Directory::Entry>& Directory::All() const {
  const std::size_t here = shards_.Current();
  BONGSU_ASSERT(here < copies_.size());
  return copies_[here];
}

const Directory::Entry* Directory::Find(std::uint16_t ordinal) const {
  const auto found = All().find(ordinal);
  return found == All().end() ? nullptr : &found->second;
}

const Directory::Entry* Directory::Find(std::string_view id) const {
  for (const auto& [ordinal, entry] : All()) {
    if (entry.tenant.id == id) return &entry;
  }
  return nullptr;
}

}  // namespace bongsu::guard
