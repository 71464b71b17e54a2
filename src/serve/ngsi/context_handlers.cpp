// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>

#include "base/id.hpp"
#include "guard/principal.hpp"
#include "serve/ngsi/handlers.hpp"

namespace bongsu::ngsi {
namespace {

using DeskPtr = std::shared_ptr<SubscriptionHouse::Desk>;

Error NoContext(std::string_view id) {
  return {Code::kNotFound, "ngsi.ResourceNotFound", fmt::format("there is no context {}", id.substr(0, 200))};
}

std::string BaseOf(const ContextService& service, const Exchange& exchange) {
  const std::string& own = service.subscriptions().public_url;
  if (own.find("://") != std::string::npos) return own;
  return "http://" + (own.empty() ? std::string(exchange.request().Header("Host")) : own);
}

json::Value DetailsOf(const ContextService& service, const Exchange& exchange, const KnownContext& known) {
  json::Value out{
      json::Object{{"URL", known.url.empty() ? BaseOf(service, exchange) + ContextPath(known.id) : known.url},
                   {"localId", known.id},
                   {"kind", ContextKindName(known.kind)}}};
  out.Set("createdAt", FormatUtc(known.created));
  out.Set("numberOfHits", known.use->hits.load(std::memory_order_relaxed));
  return out;
}

/// Does `propose` on the caller's desk; `answer` runs when every shard knows it.
void DoOnDesk(ContextService& service, const ExchangePtr& exchange,
              const std::function<Result<void>(LdContextBook&, desk::DeskBatch&)>& propose,
              const std::function<void(Result<void>)>& answer) {
  const DeskPtr desk = service.subscriptions().find ? service.subscriptions().find(exchange->tenant()) : nullptr;
  if (!desk || desk->contexts == nullptr)
    return answer(Fail(Code::kNotSupported, "ngsi.OperationNotSupported", "this server hosts no contexts"));
  desk->post([&service, exchange, desk, propose, answer] {
    desk->desk->Act(
        guard::ActorOf(exchange->caller()),
        [desk, propose](desk::DeskBatch& batch) -> Result<json::Value> {
          BONGSU_CHECK(propose(*desk->contexts, batch));
          return json::Value{};
        },
        [&service, answer](const Result<json::Value>& done) {
          if (!done) return answer(tl::unexpected<Error>(done.error()));
          service.subscriptions().settled([answer] { answer({}); });
        });
  });
}

}  // namespace

ExchangePtr MakeExchange(ContextService& service, api::Call call, http::Respond respond) {
  auto contexts = service.ld_contexts(call.caller.tenant);
  auto exchange = std::make_shared<Exchange>(std::move(call), std::move(respond), std::move(contexts));
  exchange->set_personal(service.personal());
  exchange->set_host([&service, weak = std::weak_ptr(exchange)](const json::Value& context, const auto& done) {
    if (const auto self = weak.lock()) HostContext(service, self, context, done);
  });
  return exchange;
}

std::string ContextPath(std::string_view id) { return "/ngsi-ld/v1/jsonldContexts/" + std::string(id); }

void HostContext(ContextService& service, const ExchangePtr& exchange, const json::Value& context,
                 const std::function<void(Result<std::string>)>& done) {
  const std::string id = ToText(HashParts({"implicit", json::ToString(context)}));
  const std::string url = BaseOf(service, *exchange) + ContextPath(id);
  if (const KnownContext* known = exchange->contexts().Find(id)) {
    known->use->hits.fetch_add(1, std::memory_order_relaxed);
    return done(url);
  }
  DoOnDesk(
      service, exchange,
      [id, context](LdContextBook& book, desk::DeskBatch& batch) -> Result<void> {
        if (book.Find(id) != nullptr) return {};
        return book.Put(id, ContextKind::kImplicit, context, batch);
      },
      [done, url](const Result<void>& hosted) {
        if (!hosted) return done(tl::unexpected<Error>(hosted.error()));
        done(url);
      });
}

namespace {

/// The shape of an @context, before any address in it is looked at.
bool IsContext(const json::Value& context) {
  if (context.IsArray()) return std::ranges::all_of(context.AsArray(), IsContext);
  return context.IsString() || context.IsObject();
}

/// A flag of this resource; what is neither true nor false is bad data (5.13).
Result<bool> ReadFlag(const Exchange& exchange, std::string_view name) {
  if (auto flag = exchange.Flag(name)) return flag;
  return BadData("{} is true or false", name);
}

}  // namespace

void AddContext(ContextService& service, const ExchangePtr& exchange) {
  const json::Value& body = exchange->body();
  if (!body.IsObject()) return exchange->Refuse(BadRequest("the body is a JSON object with @context").value());
  const json::Value* context = body.Find("@context");
  if (context == nullptr) return exchange->Refuse(BadRequest("the body has no @context").value());
  if (!IsContext(*context))
    return exchange->Refuse(BadData("@context is an address, an object or an array of them").value());
  if (const auto good = exchange->contexts().Resolve(*context); !good) return exchange->Refuse(good.error());
  static std::atomic<std::uint64_t> count{0};
  const std::string id = ToText(HashParts(
      {FormatUtc(service.now()), exchange->request().peer, std::to_string(++count), exchange->request().body}));
  DoOnDesk(
      service, exchange,
      [id, context = *context](LdContextBook& book, desk::DeskBatch& batch) -> Result<void> {
        BONGSU_CHECK(book.Put(id, ContextKind::kHosted, context, batch));
        batch.Audit("context.host", id, json::Object{});
        return {};
      },
      [exchange, id](const Result<void>& hosted) {
        if (!hosted) return exchange->Refuse(hosted.error());
        exchange->Add("Location", ContextPath(id));
        exchange->Answer(201);
      });
}

void ListContexts(ContextService& service, const ExchangePtr& exchange) {
  const auto details = ReadFlag(*exchange, "details");
  if (!details) return exchange->Refuse(details.error());
  const std::string kind = exchange->Parameter("kind");
  if (exchange->HasParameter("kind") && kind != "Cached" && kind != "Hosted" && kind != "ImplicitlyCreated")
    return exchange->Refuse(BadData("kind is Cached, Hosted or ImplicitlyCreated").value());
  json::Array out;
  exchange->contexts().ForEach([&](const KnownContext& known) {
    if (!kind.empty() && kind != ContextKindName(known.kind)) return;
    json::Value shown = DetailsOf(service, *exchange, known);
    if (*details) {
      out.push_back(std::move(shown));
    } else {
      out.push_back(shown["URL"]);
    }
  });
  exchange->Answer(200, json::ToString(json::Value{std::move(out)}));
}

void ShowContext(ContextService& service, const ExchangePtr& exchange, const std::string& id) {
  const auto details = exchange->Flag("details");
  if (!details) return exchange->Refuse(details.error());
  const KnownContext* known = exchange->contexts().Find(id);
  if (known == nullptr) return exchange->Refuse(NoContext(id));
  if (*details) return exchange->Answer(200, json::ToString(DetailsOf(service, *exchange, *known)));
  if (known->kind == ContextKind::kCached)
    return exchange->Refuse({Code::kNotSupported, "ngsi.NotServed", "a cached context is served where it comes from"});
  known->use->hits.fetch_add(1, std::memory_order_relaxed);
  exchange->Answer(200, json::ToString(json::Object{{"@context", *known->document}}));
}

void DeleteContext(ContextService& service, const ExchangePtr& exchange, const std::string& id) {
  const auto reload = ReadFlag(*exchange, "reload");
  if (!reload) return exchange->Refuse(reload.error());
  const KnownContext* known = exchange->contexts().Find(id);
  if (known == nullptr && *reload && !IsCoreContext(id))
    return exchange->Refuse(BadData("only a cached context can be reloaded").value());
  if (known == nullptr && !IsCoreContext(id)) return exchange->Refuse(NoContext(id));
  if (known == nullptr || IsCoreContext(known->url)) return exchange->Refuse(BadData("the core context stays").value());
  if (known->kind == ContextKind::kCached) {
    if (*reload) {
      return service.subscriptions().reload_context(exchange->tenant(), known->url,
                                                    [exchange](const Result<void>& done) {
                                                      if (!done) return exchange->Refuse(done.error());
                                                      exchange->Answer(204);
                                                    });
    }
    known->use->listed.store(false, std::memory_order_relaxed);  // until it is used again
    return exchange->Answer(204);
  }
  if (*reload) return exchange->Refuse(BadData("only a cached context can be reloaded").value());
  DoOnDesk(
      service, exchange,
      [id = known->id](LdContextBook& book, desk::DeskBatch& batch) -> Result<void> {
        if (book.Find(id) == nullptr) return tl::unexpected<Error>(NoContext(id));
        book.Delete(id, batch);
        batch.Audit("context.delete", id, json::Object{});
        return {};
      },
      [exchange](const Result<void>& done) {
        if (!done) return exchange->Refuse(done.error());
        exchange->Answer(204);
      });
}

}  // namespace bongsu::ngsi
