// SPDX-License-Identifier: Apache-2.0
// Personal attributes of entities: what the packs declare meets the keys, the clock and the audit trail.
#include "app/server_parts.hpp"

namespace bongsu::app {

void Server::Parts::OpenPersonal() {
  ngsi::PersonalHouse house;
  house.attributes = packs.personal;
  house.seal = [this](std::uint16_t tenant, sealing::DataClass data_class, const sealing::Belongs& belongs,
                      std::string_view value) {
    return keyring->Seal(tenant, data_class, belongs, value, FormatUtc(clock->Now()).substr(0, 10));
  };
  house.surrogate = [this](std::uint16_t tenant, sealing::DataClass data_class, std::string_view value) {
    return keyring->SurrogateOf(tenant, data_class, value);
  };
  house.record_search = [this](const guard::Principal& caller, const std::string& address,
                               std::vector<std::string> surrogates, std::function<void(Result<void>)> done) {
    const guard::Directory::Entry* const entry = directory->Find(caller.tenant);
    if (entry == nullptr || entry->desk.desk == nullptr)
      return done(Fail(Code::kNotFound, "guard.no_tenant", "there is no tenant '{}'", caller.tenant_name));
    json::Value details = json::Object{{"values", json::Array(surrogates.begin(), surrogates.end())}};
    shards->Post(entry->desk.shard, [desk = entry->desk.desk, actor = guard::ActorOf(caller), address,
                                     details = std::move(details), done = std::move(done)]() mutable {
      desk->Act(
          std::move(actor),
          [address, details](desk::DeskBatch& batch) -> Result<json::Value> {
            batch.Audit("personal.search", address, details);
            return json::Value{nullptr};
          },
          [done](const Result<json::Value>& recorded) {
            recorded ? done({}) : done(tl::unexpected<Error>(recorded.error()));
          });
    });
  };
  ngsi->set_personal(std::move(house));
}

}  // namespace bongsu::app
