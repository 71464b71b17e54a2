// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Erasures of personal values and legal holds, for the privacy officer. An erasure is on record before its keys are
/// destroyed; a start destroys what an interrupted one left.

#include "guard/directory.hpp"
#include "guard/sealing/erasure_book.hpp"
#include "guard/sealing/keyring.hpp"
#include "serve/api/router.hpp"

namespace bongsu::api {

struct ErasureHouse {
  runtime::Shards& shards;
  sealing::Keyring& ring;
  const guard::Directory& directory;
  /// Of a tenant, touched on its desk's shard alone; nullptr for none.
  std::function<const sealing::ErasureBook*(std::uint16_t tenant)> book;
};

/// @param house  lives longer than the routes
Routes ErasureRoutes(const ErasureHouse& house);

}  // namespace bongsu::api
