// SPDX-License-Identifier: Apache-2.0
#pragma once

/// What the packs bring: rules, procedures, mappings, sources, personal attributes, agencies. Read once at start.

#include <memory>

#include "act/dispatch/peer.hpp"
#include "act/sop/procedure.hpp"
#include "app/options.hpp"
#include "app/stages.hpp"
#include "base/log.hpp"
#include "decide/rules/rule_set.hpp"
#include "guard/sealing/attributes.hpp"
#include "know/context/replica.hpp"
#include "sense/senses.hpp"
#include "serve/map/city.hpp"

namespace bongsu::app {

struct Packs {
  std::shared_ptr<const rules::RuleSet> rules;
  sop::Library procedures;
  dispatch::Peers peers;
  sense::Definition senses;
  sealing::PersonalAttributes personal;
  Lateness lateness;  ///< Of the sources in `senses`.
};

/// @errors kNotFound packs.no_folder, and those of each part, with file, line and column
/// @param config_file  name in complaints about the configuration
Result<Packs> LoadPacks(const ServerConfig& config, const std::string& config_file, const Log& log);

/// What every shard's replica keeps: what rules, cameras and the map ask for.
context::ReplicaConfig ReplicaOf(const Packs& packs, const map::City& city);

}  // namespace bongsu::app
