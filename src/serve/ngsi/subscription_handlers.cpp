// SPDX-License-Identifier: Apache-2.0
#include <atomic>

#include "base/id.hpp"
#include "guard/principal.hpp"
#include "know/context/patch.hpp"
#include "serve/ngsi/handlers.hpp"
#include "serve/ngsi/request_query.hpp"
#include "serve/ngsi/subscription_reader.hpp"
#include "serve/ngsi/uri.hpp"

namespace bongsu::ngsi {
namespace {

using notifications::Subscription;
using DeskPtr = std::shared_ptr<SubscriptionHouse::Desk>;

Error NoSubscription(const std::string& id) {
  return {Code::kNotFound, "ngsi.ResourceNotFound", fmt::format("there is no subscription {}", id.substr(0, 200))};
}

std::string FreshId(const Exchange& exchange, TimePoint now) {
  static std::atomic<std::uint64_t> count{0};
  return "urn:ngsi-ld:Subscription:" +
         ToText(HashParts({FormatUtc(now), exchange.request().peer, std::to_string(++count), exchange.request().body}));
}

/// Where the @context of this request can be read by whoever gets a notification.
void WithLink(ContextService& service, const ExchangePtr& exchange, const std::function<void(std::string link)>& then) {
  const std::string url{exchange->context()->url()};
  if (!url.empty()) return then(url);
  HostContext(service, exchange, exchange->context()->echo(), [exchange, then](Result<std::string> hosted) {
    if (!hosted) return exchange->Refuse(hosted.error());
    then(std::move(*hosted));
  });
}

/// Does `propose` on the caller's desk; `answer` runs when every shard works by it.
void DoOnDesk(ContextService& service, const ExchangePtr& exchange,
              const std::function<Result<void>(notifications::SubscriptionBook&, desk::DeskBatch&)>& propose,
              const std::function<void()>& answer) {
  const DeskPtr desk = service.subscriptions().find(exchange->tenant());
  if (!desk)
    return exchange->Refuse({Code::kNotFound, "ngsi.NonexistentTenant",
                             fmt::format("there is no tenant {}", exchange->caller().tenant_name)});
  desk->post([&service, exchange, desk, propose, answer] {
    desk->desk->Act(
        guard::ActorOf(exchange->caller()),
        [desk, propose](desk::DeskBatch& batch) -> Result<json::Value> {
          BONGSU_CHECK(propose(*desk->book, batch));
          return json::Value{};
        },
        [&service, exchange, answer](const Result<json::Value>& done) {
          if (!done) return exchange->Refuse(done.error());
          service.subscriptions().settled(answer);
        });
  });
}

bool IsNull(const json::Value& value) { return value.IsNull() || context::IsNgsiNull(value); }

/// The stored subscription with the members of `patch` in it.
Result<Subscription> Patched(Subscription subscription, const json::Value& patch, const LdContext& context) {
  BONGSU_TRY(const json::Value members, StoredBody(patch, context));
  for (const auto& [name, value] : members.AsObject()) {
    if (name == "id" && value.AsString() != subscription.id) return BadData("the id of a subscription does not change");
    if (IsNull(value)) {
      subscription.body.Erase(name);
    } else if (name != "id") {
      subscription.body.Set(name, value);
    }
  }
  return subscription;
}

struct Chosen {
  std::vector<Subscription> subscriptions;
  std::size_t total = 0;
};

/// Copies what `choose` takes from the book, when all that was asked before is on disk, and shows it with the counters
/// of now.
void Look(ContextService& service, const ExchangePtr& exchange,
          const std::function<Result<Chosen>(const notifications::SubscriptionBook&)>& choose,
          const std::function<void(json::Array shown, std::size_t total)>& answer, bool system_times) {
  const DeskPtr desk = service.subscriptions().find(exchange->tenant());
  if (!desk)
    return exchange->Refuse({Code::kNotFound, "ngsi.NonexistentTenant",
                             fmt::format("there is no tenant {}", exchange->caller().tenant_name)});
  const auto show = [&service, exchange, answer, system_times](const Chosen& chosen,
                                                               const SubscriptionHouse::Counters& counters) {
    json::Array shown;
    for (const Subscription& subscription : chosen.subscriptions) {
      const auto counted = counters.find(subscription.id);
      shown.push_back(ShownSubscription(subscription,
                                        counted != counters.end() ? counted->second : subscription.statistics,
                                        *exchange->context(), service.now(), system_times));
    }
    answer(std::move(shown), chosen.total);
  };
  desk->post([&service, exchange, desk, choose, show] {
    desk->desk->Read([&service, exchange, desk, choose, show] {
      auto chosen = choose(*desk->book);
      if (!chosen) return exchange->Refuse(chosen.error());
      std::vector<std::string> ids;
      for (const Subscription& subscription : chosen->subscriptions) ids.push_back(subscription.id);
      service.subscriptions().counters(
          exchange->tenant(), std::move(ids),
          [show, chosen = std::move(*chosen)](const SubscriptionHouse::Counters& counters) { show(chosen, counters); });
    });
  });
}

bool Built(const ContextService& service, const ExchangePtr& exchange) {
  if (service.subscriptions().find) return true;
  exchange->Refuse({Code::kNotSupported, "ngsi.OperationNotSupported", "this server keeps no subscriptions"});
  return false;
}

}  // namespace

void CreateSubscription(ContextService& service, const ExchangePtr& exchange) {
  if (!Built(service, exchange)) return;
  auto body = StoredBody(exchange->body(), *exchange->context());
  if (!body) return exchange->Refuse(body.error());
  const TimePoint now = service.now();
  if (const auto fresh = CheckFresh(*body, now); !fresh) return exchange->Refuse(fresh.error());
  Subscription subscription;
  const std::string given{(*body)["id"].AsString()};
  subscription.id = given.empty() ? FreshId(*exchange, now) : given;
  body->Erase("id");
  subscription.body = std::move(*body);
  subscription.context = exchange->context()->echo();
  subscription.tenant_header = exchange->request().Header("NGSILD-Tenant");
  const auto compiled = Compile(subscription, exchange->contexts(), exchange->tenant());
  if (!compiled) return exchange->Refuse(compiled.error());
  if (const auto allowed = CheckSubscription(*service.personal(), (*compiled)->query); !allowed)
    return exchange->Refuse(allowed.error());
  WithLink(service, exchange, [&service, exchange, subscription](std::string link) mutable {
    subscription.link = std::move(link);
    DoOnDesk(
        service, exchange,
        [subscription](notifications::SubscriptionBook& book, desk::DeskBatch& batch) -> Result<void> {
          if (book.Find(subscription.id) != nullptr)
            return Fail(Code::kConflict, "ngsi.AlreadyExists", "there is a subscription {} already", subscription.id);
          return book.Put(subscription, true, batch);
        },
        [exchange, id = subscription.id] {
          exchange->Add("Location", "/ngsi-ld/v1/subscriptions/" + id);
          exchange->Answer(201);
        });
  });
}

void ListSubscriptions(ContextService& service, const ExchangePtr& exchange) {
  if (!Built(service, exchange)) return;
  const auto page = ReadPage(*exchange);
  if (!page) return exchange->Refuse(page.error());
  const auto options = exchange->Options({"sysAttrs"});
  if (!options) return exchange->Refuse(options.error());
  const auto choose = [page = *page](const notifications::SubscriptionBook& book) -> Result<Chosen> {
    const auto& all = book.all();
    Chosen chosen{{}, all.size()};
    const std::size_t from = std::min(page.offset, all.size());
    auto at = std::next(all.begin(), static_cast<std::ptrdiff_t>(from));
    for (; at != all.end() && chosen.subscriptions.size() < page.limit; ++at)
      chosen.subscriptions.push_back(at->second);
    return chosen;
  };
  const auto answer = [exchange, page = *page](json::Array shown, std::size_t total) {
    if (page.count) exchange->Add("NGSILD-Results-Count", std::to_string(total));
    if (page.offset > 0)
      exchange->AddLink(
          PageLink(*exchange, "subscriptions", page, page.offset - std::min(page.offset, page.limit), "prev"));
    if (page.offset + shown.size() < total && page.limit > 0)
      exchange->AddLink(PageLink(*exchange, "subscriptions", page, page.offset + page.limit, "next"));
    exchange->AnswerData(200, json::ToString(json::Value{std::move(shown)}));
  };
  Look(service, exchange, choose, answer, options->contains("sysAttrs"));
}

void ShowSubscription(ContextService& service, const ExchangePtr& exchange, const std::string& id) {
  if (!Built(service, exchange)) return;
  const auto options = exchange->Options({"sysAttrs"});
  if (!options) return exchange->Refuse(options.error());
  const auto choose = [id](const notifications::SubscriptionBook& book) -> Result<Chosen> {
    const Subscription* subscription = book.Find(id);
    if (subscription == nullptr) return tl::unexpected<Error>(NoSubscription(id));
    return Chosen{{*subscription}, 1};
  };
  const auto answer = [exchange](const json::Array& shown, std::size_t) {
    exchange->AnswerData(200, json::ToString(shown.front()));
  };
  Look(service, exchange, choose, answer, options->contains("sysAttrs"));
}

void UpdateSubscription(ContextService& service, const ExchangePtr& exchange, const std::string& id) {
  if (!Built(service, exchange)) return;
  WithLink(service, exchange, [&service, exchange, id](const std::string& link) {
    DoOnDesk(
        service, exchange,
        [exchange, id, link, personal = service.personal()](notifications::SubscriptionBook& book,
                                                            desk::DeskBatch& batch) -> Result<void> {
          const Subscription* known = book.Find(id);
          if (known == nullptr) return tl::unexpected<Error>(NoSubscription(id));
          BONGSU_CHECK(CheckFresh(exchange->body(), batch.now()));
          BONGSU_TRY(Subscription changed, Patched(*known, exchange->body(), *exchange->context()));
          if (!exchange->context()->core_only()) {
            changed.context = exchange->context()->echo();
            changed.link = link;
          }
          const bool wakes = known->StatusAt(batch.now()) != "active" && changed.StatusAt(batch.now()) == "active";
          BONGSU_TRY(const auto compiled, Compile(changed, exchange->contexts(), exchange->tenant()));
          BONGSU_CHECK(CheckSubscription(*personal, compiled->query));
          return book.Put(changed, wakes, batch);
        },
        [exchange] { exchange->Answer(204); });
  });
}

void DeleteSubscription(ContextService& service, const ExchangePtr& exchange, const std::string& id) {
  if (!Built(service, exchange)) return;
  DoOnDesk(
      service, exchange,
      [id](notifications::SubscriptionBook& book, desk::DeskBatch& batch) -> Result<void> {
        if (book.Find(id) == nullptr) return tl::unexpected<Error>(NoSubscription(id));
        book.Delete(id, batch);
        return {};
      },
      [exchange] { exchange->Answer(204); });
}

}  // namespace bongsu::ngsi
