// SPDX-License-Identifier: Apache-2.0
#pragma once

/// The operations behind the routes; each gets a prepared exchange and answers it once.

#include <memory>
#include <string>

#include "serve/ngsi/context_service.hpp"
#include "serve/ngsi/exchange.hpp"

namespace bongsu::ngsi {

using ExchangePtr = std::shared_ptr<Exchange>;

// Entities (entity_handlers.cpp); `id` is checked to be a URI.
void CreateEntity(ContextService& service, const ExchangePtr& exchange);
void RetrieveEntity(ContextService& service, const ExchangePtr& exchange, const std::string& id);
void ReplaceEntity(ContextService& service, const ExchangePtr& exchange, const std::string& id);
void MergeEntity(ContextService& service, const ExchangePtr& exchange, const std::string& id);
void DeleteEntity(ContextService& service, const ExchangePtr& exchange, const std::string& id);

// Attributes (attribute_handlers.cpp).
void AppendAttributes(ContextService& service, const ExchangePtr& exchange, const std::string& id);
void UpdateAttributes(ContextService& service, const ExchangePtr& exchange, const std::string& id);
void PatchAttribute(ContextService& service, const ExchangePtr& exchange, const std::string& id,
                    const std::string& attribute);
void ReplaceAttribute(ContextService& service, const ExchangePtr& exchange, const std::string& id,
                      const std::string& attribute);
void DeleteAttribute(ContextService& service, const ExchangePtr& exchange, const std::string& id,
                     const std::string& attribute);

// Queries (query_handlers.cpp).
void QueryEntities(ContextService& service, const ExchangePtr& exchange);
void QueryByBody(ContextService& service, const ExchangePtr& exchange);

// Batches (batch_handlers.cpp).
void BatchCreate(ContextService& service, const ExchangePtr& exchange);
void BatchUpsert(ContextService& service, const ExchangePtr& exchange);
void BatchUpdate(ContextService& service, const ExchangePtr& exchange);
void BatchMerge(ContextService& service, const ExchangePtr& exchange);
void BatchDelete(ContextService& service, const ExchangePtr& exchange);

// Every entity that a query finds, or attributes of them (purge_handlers.cpp).
void PurgeEntities(ContextService& service, const ExchangePtr& exchange);

// Types and attributes (discovery_handlers.cpp).
void ListTypes(ContextService& service, const ExchangePtr& exchange);
void ShowType(ContextService& service, const ExchangePtr& exchange, const std::string& type);
void ListAttributes(ContextService& service, const ExchangePtr& exchange);
void ShowAttribute(ContextService& service, const ExchangePtr& exchange, const std::string& attribute);

// Subscriptions (subscription_handlers.cpp); `id` is checked to be a URI.
void CreateSubscription(ContextService& service, const ExchangePtr& exchange);
void ListSubscriptions(ContextService& service, const ExchangePtr& exchange);
void ShowSubscription(ContextService& service, const ExchangePtr& exchange, const std::string& id);
void UpdateSubscription(ContextService& service, const ExchangePtr& exchange, const std::string& id);
void DeleteSubscription(ContextService& service, const ExchangePtr& exchange, const std::string& id);

/// An exchange that knows the caller's contexts and can host an inline one (context_handlers.cpp).
ExchangePtr MakeExchange(ContextService& service, api::Call call, http::Respond respond);

// Hosted contexts (context_handlers.cpp).
void AddContext(ContextService& service, const ExchangePtr& exchange);
void ListContexts(ContextService& service, const ExchangePtr& exchange);
void ShowContext(ContextService& service, const ExchangePtr& exchange, const std::string& id);
void DeleteContext(ContextService& service, const ExchangePtr& exchange, const std::string& id);
/// Path of a context that is hosted here.
std::string ContextPath(std::string_view id);
/// Gives an inline @context an address here (ImplicitlyCreated), the same one each time.
void HostContext(ContextService& service, const ExchangePtr& exchange, const json::Value& context,
                 const std::function<void(Result<std::string> url)>& done);

/// A write request of this caller. `type` parameter: only an entity of that type is meant.
context::WriteRequest RequestOf(const Exchange& exchange, model::PatchOp op, std::string id, json::Value body);
/// {"updated":[…],"notUpdated":[…]} of clause 5.2.18.
std::string UpdateResult(const context::WriteOutcome& outcome);
}  // namespace bongsu::ngsi
