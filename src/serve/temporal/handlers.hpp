// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The operations behind /temporal; each gets a prepared exchange and answers it once.

#include <functional>
#include <string>

#include "know/store/live_context.hpp"
#include "serve/ngsi/context_service.hpp"
#include "serve/ngsi/handlers.hpp"

namespace bongsu::temporal {

struct TemporalHouse {
  ngsi::ContextService& service;
  store::LiveContext& live;
  std::size_t cap = 100'000;  ///< Instances of an answer; beyond it 206 with Content-Range.
};

using ngsi::ExchangePtr;

// read_handlers.cpp
void QueryEvolutions(const TemporalHouse& house, const ExchangePtr& exchange);
void QueryEvolutionsByBody(const TemporalHouse& house, const ExchangePtr& exchange);
void RetrieveEvolution(const TemporalHouse& house, const ExchangePtr& exchange, const std::string& id);

// write_handlers.cpp
void CreateEvolution(const TemporalHouse& house, const ExchangePtr& exchange);
void DeleteEvolution(const TemporalHouse& house, const ExchangePtr& exchange, const std::string& id);
void AddInstances(const TemporalHouse& house, const ExchangePtr& exchange, const std::string& id);
void DeleteAttributeHistory(const TemporalHouse& house, const ExchangePtr& exchange, const std::string& id,
                            const std::string& attribute);
void ReplaceInstance(const TemporalHouse& house, const ExchangePtr& exchange, const std::string& id,
                     const std::string& attribute, const std::string& instance);
void DeleteInstance(const TemporalHouse& house, const ExchangePtr& exchange, const std::string& id,
                    const std::string& attribute, const std::string& instance);

/// Runs `read` in the blocking pool and what it gives, which answers, on a shard. What it returns as an error is
/// answered too. @param id  empty: of all entities
using Answer = std::function<void()>;
void ReadThenAnswer(const TemporalHouse& house, const ExchangePtr& exchange, const std::string& id,
                    const std::function<Result<Answer>(const store::StatePort& state)>& read);

}  // namespace bongsu::temporal
