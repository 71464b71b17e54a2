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
                               const std::vector<std::string>& surrogates,
                               const std::function<void(Result<void>)>& done) {
    unsealer->RecordSearch(caller, address, surrogates, done);  // requests come when the doors are open
  };
  ngsi->set_personal(std::move(house));
}

}  // namespace bongsu::app
