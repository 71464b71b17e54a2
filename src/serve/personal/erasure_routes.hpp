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

/// The act behind POST /api/v1/erasures and `bongsu erase`: put on record, then the keys are destroyed. On a shard;
/// `answer` runs on some shard.
/// @param house  lives longer than the act
/// @param body  {"case"} or {"person"} or {"class","day"}, with a "reason"
/// @errors kInvalidArgument http.bad_member; kNotFound guard.no_tenant; those of ErasureBook::Erase and KeyFile
void ErasePersonal(const ErasureHouse& house, std::uint16_t tenant, const std::string& actor, const json::Value& body,
                   const desk::DeskPort::Answer& answer);

/// The acts behind /api/v1/holds and `bongsu hold`: a legal hold is placed, one is lifted, those in force are listed.
/// @param house  lives longer than the act
/// @param body   as that of ErasePersonal
/// @errors kInvalidArgument http.bad_member; kNotFound guard.no_tenant; those of ErasureBook
void PlaceHold(const ErasureHouse& house, std::uint16_t tenant, const std::string& actor, const json::Value& body,
               const desk::DeskPort::Answer& answer);
void LiftHold(const ErasureHouse& house, std::uint16_t tenant, const std::string& actor, const std::string& id,
              const std::string& reason, const desk::DeskPort::Answer& answer);
void ListHolds(const ErasureHouse& house, std::uint16_t tenant, const desk::DeskPort::Answer& answer);

/// @param house  lives longer than the routes
Routes ErasureRoutes(const ErasureHouse& house);

}  // namespace bongsu::api
