// SPDX-License-Identifier: Apache-2.0
#include "serve/ngsi/entity_reader.hpp"
#include "serve/ngsi/handlers.hpp"
#include "serve/ngsi/uri.hpp"

namespace bongsu::ngsi {
namespace {

using context::WriteOutcome;
using context::WriteRequest;
using model::PatchOp;

constexpr std::size_t kMaxItems = 10'000;

/// What became of the items of one batch.
struct Batch {
  std::vector<WriteRequest> requests;
  std::vector<std::string> ids;  // of the requests
  json::Array errors;

  void Fail(const std::string& id, const Error& error) {
    errors.push_back(json::Object{{"entityId", id}, {"error", ProblemBody(error)}});
  }
};

Result<void> CheckItems(const json::Value& body) {
  if (!body.IsArray()) return BadData("a batch is an array");
  if (body.AsArray().empty()) return BadData("the batch is empty");
  if (body.AsArray().size() > kMaxItems)
    return Fail(Code::kTooLarge, "ngsi.TooComplexQuery", "a batch has at most {} entities", kMaxItems);
  for (const auto& item : body.AsArray()) {
    if (item.IsNull()) return BadData("a batch holds no null");
  }
  return {};
}

/// Reads every item with its own @context; what is wrong fails alone.
Batch ReadItems(Exchange& exchange, PatchOp op, ReadMode mode) {
  Batch batch;
  json::Value body = exchange.TakeBody();
  batch.requests.reserve(body.AsArray().size());
  batch.ids.reserve(body.AsArray().size());
  for (auto& item : body.MutableArray()) {
    const std::string id{item["id"].IsString() ? item["id"].AsString() : item["@id"].AsString()};
    const auto context = exchange.ContextOf(item);
    if (!context) {
      batch.Fail(id, context.error());
      continue;
    }
    auto entity = ReadEntityBody(std::move(item), **context, mode);
    if (entity && entity->id.empty()) entity = BadData("an entity has an id");
    if (!entity) {
      batch.Fail(id, entity.error());
      continue;
    }
    batch.ids.push_back(entity->id);
    batch.requests.push_back(
        {exchange.tenant(), exchange.caller().id, {}, {op, std::move(entity->id), std::move(entity->body)}, {}});
  }
  return batch;
}

std::string BatchResult(const json::Array& success, json::Array errors) {
  return json::ToString(json::Object{{"success", success}, {"errors", std::move(errors)}});
}

/// @param all_good  answers when no item failed; gets what was done and the ids that are new
void Run(ContextService& service, const ExchangePtr& exchange, Batch batch,
         std::function<void(const json::Array& success, const json::Array& created)> all_good) {
  auto held = std::make_shared<Batch>(std::move(batch));
  service.WriteBatch(std::move(held->requests),
                     [exchange, held, all_good = std::move(all_good)](std::vector<Result<WriteOutcome>> outcomes) {
                       json::Array success;
                       json::Array created;
                       for (std::size_t i = 0; i < outcomes.size(); ++i) {
                         const std::string& id = held->ids[i];
                         if (!outcomes[i]) {
                           held->Fail(id, outcomes[i].error());
                         } else if (!outcomes[i]->not_updated.empty()) {
                           held->Fail(id, {Code::kInvalidArgument, "ngsi.BadRequestData",
                                           "not updated: " + outcomes[i]->not_updated.front().first});
                         } else {
                           success.emplace_back(id);
                           if (outcomes[i]->created) created.emplace_back(id);
                         }
                       }
                       if (!held->errors.empty())
                         return exchange->Answer(207, BatchResult(success, std::move(held->errors)));
                       all_good(success, created);
                     });
}

}  // namespace

void BatchCreate(ContextService& service, const ExchangePtr& exchange) {
  if (const auto good = CheckItems(exchange->body()); !good) return exchange->Refuse(good.error());
  Run(service, exchange, ReadItems(*exchange, PatchOp::kCreate, ReadMode::kEntity),
      [exchange](const json::Array& success, const json::Array&) {
        exchange->Answer(201, json::ToString(json::Value{success}));
      });
}

void BatchUpsert(ContextService& service, const ExchangePtr& exchange) {
  const auto options = exchange->Options({"replace", "update"});
  if (!options) return exchange->Refuse(options.error());
  if (const auto good = CheckItems(exchange->body()); !good) return exchange->Refuse(good.error());
  Batch batch = ReadItems(*exchange, PatchOp::kUpsert, ReadMode::kEntity);
  const bool replace = !options->contains("update");
  for (auto& request : batch.requests) request.replace_existing = replace;
  Run(service, exchange, std::move(batch), [exchange](const json::Array&, const json::Array& created) {
    if (created.empty()) return exchange->Answer(204);
    exchange->Answer(201, json::ToString(json::Value{created}));
  });
}

void BatchUpdate(ContextService& service, const ExchangePtr& exchange) {
  const auto options = exchange->Options({"noOverwrite"});
  if (!options) return exchange->Refuse(options.error());
  if (const auto good = CheckItems(exchange->body()); !good) return exchange->Refuse(good.error());
  const PatchOp op = options->empty() ? PatchOp::kAppend : PatchOp::kAppendNoOverwrite;
  Run(service, exchange, ReadItems(*exchange, op, ReadMode::kUpdate),
      [exchange](const json::Array&, const json::Array&) { exchange->Answer(204); });
}

void BatchMerge(ContextService& service, const ExchangePtr& exchange) {
  if (const auto good = CheckItems(exchange->body()); !good) return exchange->Refuse(good.error());
  Run(service, exchange, ReadItems(*exchange, PatchOp::kMerge, ReadMode::kMerge),
      [exchange](const json::Array&, const json::Array&) { exchange->Answer(204); });
}

void BatchDelete(ContextService& service, const ExchangePtr& exchange) {
  if (const auto good = CheckItems(exchange->body()); !good) return exchange->Refuse(good.error());
  Batch batch;
  for (const auto& item : exchange->body().AsArray()) {
    const std::string id{item.AsString()};
    if (!IsUri(id)) {
      batch.Fail(id, BadData("'{}' is no URI", json::ToString(item).substr(0, 120)).value());
      continue;
    }
    batch.ids.push_back(id);
    batch.requests.push_back({exchange->tenant(), exchange->caller().id, {}, {PatchOp::kDelete, id, {}}, {}});
  }
  Run(service, exchange, std::move(batch),
      [exchange](const json::Array&, const json::Array&) { exchange->Answer(204); });
}

}  // namespace bongsu::ngsi
